import { toAdminView, toPaymentSummary, toPaymentView } from "./payment-view.domain";
import type { Payment, Refund } from "./payment.domain";

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

describe("views", () => {
	const shown = {
		id: "p1",
		paymentNo: "Pp1",
		orderId: "o1",
		channel: "wechat",
		amount: 1000,
		currency: "CNY",
		status: "succeeded",
		action: null,
		paidAt: at(5).toISOString(),
		refunded: 100,
		expiresAt: at(60).toISOString(),
		createdAt: at(0).toISOString()
	};
	const refund: Refund = {
		_id: "R_Pp1_x",
		paymentId: "p1",
		paymentNo: "Pp1",
		channel: "wechat",
		orderId: "o1",
		amount: 100,
		reason: "破损",
		part: {
			units: ["tea-1#0"],
			lines: [{ skuId: "tea-1", quantity: 1, amount: 92 }],
			shipping: 8,
			amount: 100
		},
		status: "succeeded",
		failureReason: null,
		pollCount: 0,
		createdAt: at(6)
	};

	it("show where to pay while there is something to pay, and nowhere else", () => {
		expect(toPaymentView(paid)).toEqual(shown);
		expect(toPaymentView({ ...paid, status: "pending", paidAt: null })).toEqual({
			...shown,
			status: "pending",
			paidAt: null,
			action: paid.action
		});
	});

	it("show the order what it needs of its payment", () => {
		const { id, paymentNo, channel, status, amount, refunded, paidAt } = shown;

		expect(toPaymentSummary(paid)).toEqual({ id, paymentNo, channel, status, amount, refunded, paidAt });
		expect(toPaymentSummary({ ...paid, paidAt: null }).paidAt).toBeNull();
	});

	it("show staff what was paid, what is odd and what went back, for what", () => {
		const { part, ...forAnAmount } = refund;
		const seen = {
			refundNo: "R_Pp1_x",
			amount: 100,
			reason: "破损",
			status: "succeeded",
			failureReason: null
		};
		const createdAt = at(6).toISOString();

		expect(toAdminView(paid, [refund, forAnAmount])).toEqual({
			...shown,
			userId: "u1",
			orderNo: "n1",
			channelTxnId: "t1",
			paidAmount: 1000,
			anomalies: [{ at: at(7).toISOString(), reason: "odd" }],
			refunds: [
				{ ...seen, createdAt, items: part?.lines, shipping: 8 },
				{ ...seen, createdAt, items: [], shipping: 0 }
			]
		});
		const { channelTxnId, ...unknown } = paid;
		expect([channelTxnId, toAdminView(unknown, []).channelTxnId]).toEqual(["t1", null]);
	});
});
