import { StaffClient } from "../../../support/builders";
import { countOutcomes, login, outcomeOf, registerPerson, signedInAgo, times } from "../../../support/people";
import { PayingShop } from "../../../support/payments/paying-shop";
import { until } from "../../../support/until";

let payingShop: PayingShop;
let admin: StaffClient;
/** Two members of the staff who are no administrators. */
let first: StaffClient;
let second: StaffClient;
beforeAll(async () => {
	payingShop = await PayingShop.start();
	admin = payingShop.staff;
	[first, second] = [await newStaff(), await newStaff()];
});
afterAll(() => payingShop.shop.stop());

async function newStaff(): Promise<StaffClient> {
	const { phone, user } = await registerPerson(payingShop.shop);
	const roles = ["support", "merchandiser", "warehouse"];
	await admin.mustSend("PUT", `/admin/users/${user.id}/roles`, { roles });
	return new StaffClient(payingShop.shop, (await login(payingShop.shop, phone)).body.data.accessToken);
}
const setConfig = (key: string, value: unknown) => admin.mustSend("PUT", `/admin/config/${key}`, { value });
let keys = 0;
const refund = (staff: StaffClient, paymentId: string, body: object, key = `two-persons-${keys++}`) =>
	payingShop.shop.http("POST", `/admin/payments/${paymentId}/refund`, {
		token: staff.token,
		key,
		body: { reason: "破损", ...body }
	});
const refundedOf = async (orderId: string) => (await payingShop.listPayments(orderId))[0].refunded;

describe("a refund above security.twoPersonRefundAbove", () => {
	beforeAll(() => setConfig("security.twoPersonRefundAbove", 500));
	afterAll(() => setConfig("security.twoPersonRefundAbove", 0));

	const waitingRefund = async () => {
		const { order, payment } = await payingShop.createPaidOrder();
		const { body } = await refund(first, payment.id, { amount: 501 });
		return { order, payment, approval: body.data.approval, answer: body.data };
	};

	it("waits for a second person and is made once by that person", async () => {
		const { order, approval, answer } = await waitingRefund();
		const listed = await second.mustSend("GET", "/admin/approvals?status=waiting");
		const approve = (staff: StaffClient) => staff.send("POST", `/admin/approvals/${approval.id}/approve`);

		const own = await approve(first);
		const before = await refundedOf(order.id);
		const replies = await Promise.all(times(4, () => approve(second)));

		expect(answer.refunds).toEqual([]);
		expect(listed.items[0]).toMatchObject({ id: approval.id, amount: 501, status: "waiting" });
		expect([outcomeOf(own), before]).toEqual(["409 SECOND_PERSON_REQUIRED", 0]);
		expect(countOutcomes(replies, "200 OK")).toBe(1);
		expect(countOutcomes(replies, "409 INVALID_STATE")).toBe(3);
		await until("the refund", async () => (await refundedOf(order.id)) === 501);
		const [done] = (await second.mustSend("GET", "/admin/approvals?status=done")).items;
		expect(done).toMatchObject({ id: approval.id, status: "done" });
		expect(done.decidedBy).not.toBe(done.requestedBy);
	});

	it("is made by units as well", async () => {
		const { order, payment } = await payingShop.createPaidOrder();
		const items = [{ skuId: payingShop.skuId, quantity: 1 }];

		const { body } = await refund(first, payment.id, { items });
		await second.mustSend("POST", `/admin/approvals/${body.data.approval.id}/approve`);

		expect(body.data.approval).toMatchObject({ amount: 1000, items });
		await until("the refund", async () => (await refundedOf(order.id)) === 1000);
	});

	it("can be rejected, and then is never made", async () => {
		const { order, approval } = await waitingRefund();

		const rejected = await second.send("POST", `/admin/approvals/${approval.id}/reject`, {
			reason: "金额有误"
		});
		const approved = await second.send("POST", `/admin/approvals/${approval.id}/approve`);

		expect([rejected, approved].map(outcomeOf)).toEqual(["200 OK", "409 INVALID_STATE"]);
		expect(rejected.body.data).toMatchObject({ status: "rejected", note: "金额有误" });
		expect(await refundedOf(order.id)).toBe(0);
	});

	it("can't be split into small ones, or requested twice under one key", async () => {
		const { payment } = await payingShop.createPaidOrder();
		const part = await refund(first, payment.id, { amount: 300 });
		const rest = await refund(first, payment.id, { amount: 201 }, "two-persons-rest");
		const again = await refund(first, payment.id, { amount: 201 }, "two-persons-rest");

		expect([part.body.data.approval, part.body.data.refunds.length]).toEqual([undefined, 1]);
		expect(rest.body.data.approval.status).toBe("waiting");
		expect(again.body.data.approval.id).toBe(rest.body.data.approval.id);
	});

	it("ends as failed when too little is left by the time of its approval", async () => {
		const { payment, approval } = await waitingRefund();
		await setConfig("security.twoPersonRefundAbove", 0);
		await refund(first, payment.id, { amount: 900 });
		await setConfig("security.twoPersonRefundAbove", 500);

		const approved = await second.send("POST", `/admin/approvals/${approval.id}/approve`);

		expect(outcomeOf(approved)).toBe("409 REFUND_EXCEEDS_PAID");
		const [failed] = (await second.mustSend("GET", "/admin/approvals?status=failed")).items;
		expect(failed).toMatchObject({ id: approval.id, note: "REFUND_EXCEEDS_PAID" });
	});

	it("is made by a sweep after a crash of the process that approved it", async () => {
		const { order, approval } = await waitingRefund();
		const decision = { status: "approved", decidedBy: "second", decidedAt: new Date(1) } as const;

		await payingShop.context.approvals.change({ _id: approval.id }, { $set: decision });

		await until("the refund", async () => (await refundedOf(order.id)) === 501);
	});

	it("can't be had by cancelling the paid order", async () => {
		const { order } = await payingShop.createPaidOrder();

		const cancelled = await first.send("POST", `/admin/orders/${order.id}/cancel`, { reason: "缺货" });

		expect(outcomeOf(cancelled)).toBe("409 SECOND_PERSON_REQUIRED");
	});
});

it("asks for a fresh proof of identity above security.stepUpRefundAbove", async () => {
	await setConfig("security.stepUpRefundAbove", 500);
	const { order, payment } = await payingShop.createPaidOrder();
	const staff = await newStaff();
	await signedInAgo(payingShop.shop, staff.token, 301_000);

	const replies = [
		await refund(staff, payment.id, { amount: 501 }),
		await staff.send("POST", `/admin/orders/${order.id}/cancel`, { reason: "缺货" }),
		await refund(staff, payment.id, { amount: 500 }),
		await refund(staff, payment.id, { amount: 1 }),
		await staff.send("POST", "/me/step-up", { password: "Tea-and-rice-9" }),
		await refund(staff, payment.id, { amount: 1 })
	];

	expect(replies.map(outcomeOf)).toEqual([
		"403 STEP_UP_REQUIRED",
		"403 STEP_UP_REQUIRED",
		"200 OK",
		"403 STEP_UP_REQUIRED",
		"200 OK",
		"200 OK"
	]);
	await setConfig("security.stepUpRefundAbove", 0);
});

it("lets nobody approve the product that they submitted, where security.twoPersonProducts is on", async () => {
	await setConfig("security.twoPersonProducts", true);
	const { id } = await admin.addDraft();
	const approve = (staff: StaffClient) => staff.send("POST", `/admin/products/${id}/approve`);
	await first.mustSend("POST", `/admin/products/${id}/submit`);

	const replies = [await approve(first), await approve(second)];

	expect(replies.map(outcomeOf)).toEqual(["409 INVALID_STATE", "200 OK"]);
	await setConfig("security.twoPersonProducts", false);
});
