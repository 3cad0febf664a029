import type { Order } from "./order.domain";

/** An unpaid order without lines, for specs. */
export const anOrder = (over: Partial<Order> = {}): Order => ({
	_id: "o",
	orderNo: "1",
	userId: "u",
	status: "pending_payment",
	fingerprint: "",
	slot: "u:0",
	items: [],
	nameKeys: [],
	codeKeys: [],
	fromCart: false,
	address: { receiver: "", phone: "", province: "", city: "", district: "", detail: "" },
	itemsTotal: 500,
	discounts: [],
	discountTotal: 0,
	shippingFee: 0,
	total: 500,
	currency: "CNY",
	couponCode: null,
	remark: null,
	expiresAt: new Date(1000),
	timeline: [],
	refusedPayments: [],
	failedRefunds: [],
	refundedTotal: 0,
	hidden: false,
	createdAt: new Date(0),
	updatedAt: new Date(0),
	...over
});
