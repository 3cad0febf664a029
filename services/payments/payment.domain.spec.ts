import fc from "fast-check";
import {
	CAN_SUCCEED,
	chooseChannelDeadline,
	isRequestedByOrder,
	isPastDeadline,
	planNextPoll,
	planNextPaymentPoll,
	ORDER_REFUND,
	buildPaymentNo,
	refundableAmount,
	buildRefundNo,
	type Payment
} from "./payment.domain";

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 31) + seconds * 1000);

const paid: Payment = {
	_id: "p1",
	paymentNo: "Pp1",
	orderId: "o1",
	orderNo: "n1",
	userId: "u1",
	key: "k",
	channel: "wechat",
	scene: "page",
	amount: 1000,
	currency: "CNY",
	status: "succeeded",
	action: { type: "qr", url: "weixin://pay" },
	clientIp: "",
	channelTxnId: "t1",
	paidAt: at(5),
	paidAmount: 1000,
	refundReserved: 100,
	refundIds: ["R_Pp1_x"],
	refunded: 100,
	refundedIds: ["R_Pp1_x"],
	anomalies: [{ at: at(7), reason: "odd" }],
	expiresAt: at(60),
	pollCount: 0,
	createdAt: at(0)
};

describe("the next question about a payment", () => {
	it("comes ever more seldom", () => {
		const waits = Array.from(
			{ length: 10 },
			(_, n) => planNextPoll(at(0), n).getTime() - at(0).getTime()
		);

		expect(waits).toEqual(waits.toSorted((a, b) => a - b));
		expect([waits[0], waits.at(-1)]).toEqual([5_000, 1_800_000]);
	});

	it("comes while the order still waits, once no more money can come", () => {
		fc.assert(
			fc.property(fc.integer({ min: 60, max: 100_000 }), fc.nat({ max: 20 }), (left, pollCount) => {
				const orderEnds = at(left);
				const expiresAt = chooseChannelDeadline(orderEnds, at(0));
				const justBefore = new Date(expiresAt.getTime() - 1);

				const next = planNextPaymentPoll({ expiresAt }, justBefore, pollCount);

				expect(next > expiresAt && next < orderEnds).toBe(true);
			})
		);
	});

	it("comes again when it is over, and after that by the plan", () => {
		const expiresAt = at(0);

		expect(planNextPaymentPoll({ expiresAt }, at(2), 20)).toEqual(at(61));
		expect(planNextPaymentPoll({ expiresAt }, at(62), 20)).toEqual(at(62 + 1800));
	});
});

it("is over a minute after the channel's own deadline", () => {
	const payment = { ...paid, expiresAt: at(0) };

	expect([isPastDeadline(payment, at(60)), isPastDeadline(payment, at(61))]).toEqual([false, true]);
});

it("lets the channel take money till a minute before the order ends, or for half of a short while", () => {
	expect(chooseChannelDeadline(at(600), at(0))).toEqual(at(540));
	expect(chooseChannelDeadline(at(100), at(0))).toEqual(at(50));
});

it("counts money that comes after a close or a failure, and none twice", () => {
	expect(CAN_SUCCEED).toEqual(["pending", "closed", "failed"]);
});

describe("numbers at the channel", () => {
	const payment = { ...paid, paymentNo: buildPaymentNo("01J0000000000000000000000A") };

	it("name the payment, the refund and its purpose, in at most 64 characters", () => {
		expect(payment.paymentNo).toBe("P01J0000000000000000000000A");
		expect(buildRefundNo(payment, "UNCLAIMED")).toBe("R_P01J0000000000000000000000A_UNCLAIMED");
		expect(buildRefundNo(payment, "x".repeat(99))).toHaveLength(64);
	});

	it("tell the order's own refund, at any attempt, from others", () => {
		const own = [ORDER_REFUND, `${ORDER_REFUND}2`].map(purpose => buildRefundNo(payment, purpose));

		expect(own.map(no => isRequestedByOrder(payment, no))).toEqual([true, true]);
		expect(isRequestedByOrder(payment, buildRefundNo(payment, "UNCLAIMED"))).toBe(false);
		expect(isRequestedByOrder({ ...payment, paymentNo: "P2" }, own[0] ?? "")).toBe(false);
	});
});

it("may send back what was paid, less what is being sent back", () => {
	expect(refundableAmount({ ...paid, paidAmount: 1000, refundReserved: 300 })).toBe(700);
	expect(refundableAmount({ ...paid, paidAmount: null, refundReserved: 0 })).toBe(0);
});
