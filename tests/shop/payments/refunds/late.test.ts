import type { RefundRequest } from "../../../../services/payments/channels/payment-channel";
import { until } from "../../../support/until";
import { PayingShop } from "../../../support/payments/paying-shop";

let payingShop: PayingShop;
beforeAll(async () => {
	payingShop = await PayingShop.start();
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => payingShop.shop.stop());

const NO = { outcome: "refused", code: "NOT_ENOUGH", message: "The account is empty" } as const;

/** An order whose refund the channel refused, while an earlier request is still on its way. */
async function refuseBeforePayout() {
	const { order, payment } = await payingShop.createPaidOrder("wechat");
	const wechat = payingShop.getChannel("wechat");
	const { refund } = wechat;
	const onItsWay: RefundRequest[] = [];
	jest.spyOn(wechat, "refund").mockImplementationOnce(async asked => {
		onItsWay.push(asked);
		return NO;
	});
	await payingShop.cancelAsStaff(order.id);
	await until(
		"the refusal",
		async () => (await payingShop.listPayments(order.id))[0].refunds[0]?.status === "failed"
	);
	await payingShop.waitForOrder(order.id, "paid");
	const [asked] = onItsWay;
	if (!asked) throw new Error("No refund was asked for");
	return { order, payment, arrives: () => refund.call(wechat, asked) };
}

it("accepts a refund that is paid out after it failed, and ends the order", async () => {
	const { order, arrives } = await refuseBeforePayout();

	await arrives();

	expect(await payingShop.waitForOrder(order.id, "refunded")).toMatchObject({ refundedTotal: 1000 });
	await until(
		"the refund to have succeeded",
		async () => (await payingShop.listPayments(order.id))[0].refunds[0]?.status === "succeeded"
	);
	const [{ status, refunded, refunds, anomalies }] = await payingShop.listPayments(order.id);
	expect({ status, refunded, refunds }).toMatchObject({
		status: "refunded",
		refunded: 1000,
		refunds: [{ amount: 1000, status: "succeeded", failureReason: null }]
	});
	expect(anomalies.at(-1).reason).toContain("was paid out after it had failed");
	await until("the unit to be back", async () =>
		(await payingShop.listStockChanges(order.id)).includes("return")
	);
	expect(await payingShop.listStockChanges(order.id)).toEqual(["reserve", "deduct", "return"]);
});

it("shows staff such a refund when the channel can't be asked", async () => {
	const { order, arrives } = await refuseBeforePayout();
	const silent = { outcome: "unknown", cause: "timeout", detail: "" } as const;
	jest.spyOn(payingShop.getChannel("wechat"), "queryRefund").mockResolvedValue(silent);

	await arrives();

	const anomaly = await until("the anomaly", async () =>
		(await payingShop.listPayments(order.id))[0].anomalies.find(({ reason }: { reason: string }) =>
			reason.startsWith("A notification tells that refund")
		)
	);
	expect(anomaly.reason).toContain("which failed");
});
