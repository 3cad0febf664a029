import type { RefundRequest } from "../../../../services/payments/channels/payment-channel";
import { until } from "../../../support/until";
import { PayingShop } from "../../../support/payments/paying-shop";

let counter: PayingShop;
beforeAll(async () => {
	counter = await PayingShop.open();
}, 60_000);
afterEach(() => jest.restoreAllMocks());
afterAll(() => counter.shop.stop());

const NO = { outcome: "refused", code: "NOT_ENOUGH", message: "The account is empty" } as const;

/** An order whose refund the channel refused, while an earlier request for it is still on its way there. */
async function refusedTooSoon() {
	const { order, payment } = await counter.paidOrder("wechat");
	const wechat = counter.channel("wechat");
	const { refund } = wechat;
	const onItsWay: RefundRequest[] = [];
	jest.spyOn(wechat, "refund").mockImplementationOnce(async asked => {
		onItsWay.push(asked);
		return NO;
	});
	await counter.cancelAsStaff(order.id);
	await until(
		"the refusal",
		async () => (await counter.payments(order.id))[0].refunds[0]?.status === "failed"
	);
	await counter.orderIs(order.id, "paid");
	const [asked] = onItsWay;
	if (!asked) throw new Error("No refund was asked for");
	return { order, payment, arrives: () => refund.call(wechat, asked) };
}

it("takes in a refund that is paid out after it had failed, and ends the order", async () => {
	const { order, arrives } = await refusedTooSoon();

	await arrives();

	expect(await counter.orderIs(order.id, "refunded")).toMatchObject({ refundedTotal: 1000 });
	const [{ status, refunded, refunds, anomalies }] = await counter.payments(order.id);
	expect({ status, refunded, refunds }).toMatchObject({
		status: "refunded",
		refunded: 1000,
		refunds: [{ amount: 1000, status: "succeeded", cause: null }]
	});
	expect(anomalies.at(-1).what).toContain("was paid out after it had failed");
	await until("the unit to be back", async () => (await counter.stockChanges(order.id)).includes("return"));
	expect(await counter.stockChanges(order.id)).toEqual(["reserve", "deduct", "return"]);
});

it("shows a person the news of such a refund when the channel can't be asked", async () => {
	const { order, arrives } = await refusedTooSoon();
	const silent = { outcome: "unknown", cause: "timeout", detail: "" } as const;
	jest.spyOn(counter.channel("wechat"), "queryRefund").mockResolvedValue(silent);

	await arrives();

	const told = await until("the anomaly", async () =>
		(await counter.payments(order.id))[0].anomalies.find(({ what }: { what: string }) =>
			what.startsWith("A notice tells that refund")
		)
	);
	expect(told.what).toContain("which failed");
});
