import { toHistory, toStaffSummary, toSummary } from "./order-view.domain";
import { anOrder } from "./order.fixture";

const at = new Date("2026-03-01T08:00:00Z");
const timeline = [
	{ from: "creating", to: "pending_payment", event: "created", by: "u", at, reason: null },
	{ from: "pending_payment", to: "cancelled", event: "cancelled", by: "u", at, reason: "too dear" }
] as const;

const coupon = {
	step: "coupon",
	type: "fixed",
	id: "c",
	name: "Coupon",
	amount: 5,
	base: 500,
	lines: [{ skuId: "s", amount: 5 }]
} as const;

it("shows the order to its buyer without what only the shop needs", () => {
	const order = anOrder({
		status: "shipped",
		discounts: [coupon],
		shipment: { carrier: "SF", trackingNo: "1", shippedAt: at },
		paidAt: at,
		staffRemark: "call first"
	});

	const summary = toSummary(order);

	expect(summary).toMatchObject({
		id: "o",
		status: "shipped",
		discounts: [coupon],
		shipment: { carrier: "SF", trackingNo: "1", shippedAt: "2026-03-01T08:00:00.000Z" },
		paidAt: "2026-03-01T08:00:00.000Z",
		completedAt: null
	});
	for (const hidden of ["userId", "fingerprint", "slot", "staffRemark", "refusedPayments"])
		expect(summary).not.toHaveProperty(hidden);
	expect(toSummary(anOrder()).shipment).toBeNull();
});

it("shows the first status as coming from nothing", () => {
	const { timeline: shown } = toSummary(anOrder({ status: "cancelled", timeline }));

	expect(shown.map(({ from, to }) => [from, to])).toEqual([
		[null, "pending_payment"],
		["pending_payment", "cancelled"]
	]);
	expect(shown[1]).toMatchObject({ at: "2026-03-01T08:00:00.000Z", reason: "too dear" });
});

it.each(["creating", "failed"] as const)("shows no order that is %s", status => {
	expect(() => toSummary(anOrder({ status }))).toThrow("is not shown");
});

it("adds the buyer and the remark for staff", () => {
	expect(toStaffSummary(anOrder())).toMatchObject({ userId: "u", staffRemark: null });
	expect(toStaffSummary(anOrder({ staffRemark: "call first" }))).toMatchObject({
		staffRemark: "call first"
	});
});

it("tells the order's life from its first write, with reasons", () => {
	const { orderId, steps } = toHistory(anOrder({ createdAt: at, timeline }));

	expect(orderId).toBe("o");
	expect(steps.map(({ step, event, outcome }) => [step, event, outcome])).toEqual([
		["status", "written", "creating"],
		["status", "created", "pending_payment"],
		["status", "cancelled", "cancelled: too dear"]
	]);
	expect(steps[0]?.at).toBe("2026-03-01T08:00:00.000Z");
});
