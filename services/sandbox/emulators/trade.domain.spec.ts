import fc from "fast-check";
import type { Trade } from "./trade-store";
import { close, refund, place, openCashier, sumRefunds, pay } from "./trade.domain";

const now = new Date("2026-01-31T08:00:00Z");
const later = new Date("2026-01-31T09:00:00Z");

const aTrade = (changes: Partial<Trade> = {}): Trade => ({
	paymentNo: "PAY_000001",
	channel: "alipay",
	total: 1000,
	description: "zjMall",
	notifyUrl: "http://shop.example/notify",
	returnUrl: null,
	createdAt: now,
	expiresAt: new Date("2026-01-31T08:30:00Z"),
	status: "waiting",
	paidAt: null,
	refunds: [],
	...changes
});
const aRefund = (refundNo: string, amount: number) => ({ refundNo, amount, notifyUrl: "", at: now });

describe("a channel's trade", () => {
	it("is placed once; the same order again changes nothing, another amount is refused", () => {
		const order = aTrade();

		expect(place(undefined, order)).toMatchObject({ result: "placed", trade: { status: "unseen" } });
		expect(place(order, order)).toEqual({ result: "again" });
		expect(place(order, { ...order, total: 1001 })).toEqual({ result: "different" });
		expect(place(aTrade({ status: "paid" }), order)).toEqual({ result: "paid" });
	});

	it("is paid once, and not when closed or out of time", () => {
		expect(pay(aTrade(), "success", now)).toMatchObject({
			result: { outcome: "paid" },
			trade: { paidAt: now }
		});
		expect(pay(aTrade({ status: "paid" }), "success", later)).toMatchObject({
			result: { outcome: "again" }
		});
		expect(pay(aTrade({ status: "closed" }), "success", now)).toEqual({ result: { outcome: "closed" } });
		expect(pay(aTrade(), "success", later)).toEqual({ result: { outcome: "expired" } });
		expect(pay(undefined, "success", now)).toEqual({ result: { outcome: "not_found" } });
	});

	it("stays payable after a payment that failed", () => {
		const failed = pay(aTrade({ status: "unseen" }), "fail", now);

		expect(failed).toMatchObject({
			result: { outcome: "failed" },
			trade: { status: "waiting", paidAt: null }
		});
	});

	it("is seen when presented, unless its time is up", () => {
		expect(openCashier(aTrade({ status: "unseen" }), now).trade).toMatchObject({ status: "waiting" });
		expect(openCashier(aTrade({ status: "unseen" }), later).trade).toBeUndefined();
		expect(openCashier(aTrade({ status: "paid" }), now).trade).toBeUndefined();
	});

	it("closes only while unpaid", () => {
		expect(close(aTrade())).toMatchObject({ result: "closed", trade: { status: "closed" } });
		expect(close(aTrade({ status: "paid" }))).toEqual({ result: "paid" });
		expect(close(aTrade({ status: "closed" }))).toEqual({ result: "closed_before" });
		expect(close(undefined)).toEqual({ result: "not_found" });
	});

	it("never gives back more than was paid, nor twice under one number, whatever is asked", () => {
		const asked = fc.tuple(fc.constantFrom("R1", "R2", "R3", "R4"), fc.integer({ min: 1, max: 700 }));
		fc.assert(
			fc.property(fc.array(asked, { maxLength: 20 }), refunds => {
				const end = refunds.reduce(
					(trade, [refundNo, amount]) => {
						return refund(trade, aRefund(refundNo, amount)).trade ?? trade;
					},
					aTrade({ status: "paid" })
				);

				const numbers = end.refunds.map(({ refundNo }) => refundNo);
				expect(sumRefunds(end)).toBeLessThanOrEqual(1000);
				expect(new Set(numbers).size).toBe(numbers.length);
			})
		);
	});

	it("gives nothing back that was not paid", () => {
		expect(refund(aTrade(), aRefund("R1", 1))).toEqual({ result: { outcome: "not_paid" } });
	});
});
