import type { Coupon } from "../../services/coupons/coupon.domain";
import type { Order } from "../../services/orders/order.domain";
import type { Payment } from "../../services/payments/payment.domain";
import { createAccount } from "../../services/points/account.domain";
import type { LogRow } from "../../services/points/points.context";
import type { Promotion } from "../../services/promotions/promotion.domain";
import { createQuota } from "../../infrastructure/documents/quota-count";
import { createEmptyStock } from "../../services/inventory/stock.domain";
import type { Collections } from "./services";

export const SKU = "tea-1";
/** What a unit costs without the discount of each line, in fen. */
export const PRICE = 600;
const DISCOUNT = 100;
export const BUYER = "u";
/** After every life. */
export const LATER = new Date(Date.now() + 3_600_000);

/** What an order uses beside stock. There is one coupon, points for two orders, and few units of the flash sale. */
export type Offers = { readonly coupon: boolean; readonly points: boolean; readonly flashSale: boolean };
const COUPON = { id: "coupon", discount: 70 };
const POINTS = { used: 30, balance: 60, earn: 9 };
const FLASH_SALE = { id: "flash-sale", stock: 3, limitPerUser: 2 };

/** Stores what there is before a life begins. */
export function stockShop(collections: Collections, units: number): void {
	const { stock, coupons, accounts, log, promotions, quotas } = collections;
	stock.documents.set(SKU, { ...createEmptyStock(SKU, 2, new Date(0)), available: units, version: 1 });
	coupons.documents.set(COUPON.id, {
		_id: COUPON.id,
		userId: BUYER,
		status: "unused",
		validFrom: new Date(0),
		validTo: LATER,
		givenBackBy: []
	} as unknown as Coupon);
	const lots = [{ at: LATER, points: POINTS.balance }];
	accounts.documents.set(BUYER, { ...createAccount(BUYER), balance: POINTS.balance, lots });
	const earned = { delta: POINTS.balance, balance: POINTS.balance, reason: "earned", orderId: null };
	log.documents.set("earned before", {
		...earned,
		_id: "earned before",
		key: "earned before",
		userId: BUYER
	} as unknown as LogRow);
	const { id, stock: limit, limitPerUser } = FLASH_SALE;
	promotions.documents.set(id, {
		_id: id,
		type: "flash_sale",
		stock: limit,
		limitPerUser
	} as unknown as Promotion);
	quotas.documents.set(id, { ...createQuota(id), limit });
}

export const toOrderId = (n: number): string => `order-${n}`;
export const toPaymentId = (n: number, k: number): string => `${n}P${k}`.padStart(26, "0");

/** An order as it is stored before its stock is reserved. Its units don't share its price evenly where it uses offers. */
export function draftOrder(n: number, quantity: number, { coupon, points, flashSale }: Offers): Order {
	const { id: promotionId } = FLASH_SALE;
	const discount = quantity * DISCOUNT + (coupon ? COUPON.discount : 0) + (points ? POINTS.used : 0);
	const total = quantity * PRICE - discount;
	return {
		_id: toOrderId(n),
		orderNo: "",
		userId: BUYER,
		status: "creating",
		fingerprint: "",
		fromCart: false,
		hidden: false,
		timeline: [],
		refusedPayments: [],
		failedRefunds: [],
		refundedTotal: 0,
		shippingFee: 0,
		currency: "CNY",
		expiresAt: LATER,
		createdAt: new Date(0),
		updatedAt: new Date(0),
		total,
		items: [{ skuId: SKU, productId: "tea", quantity, price: PRICE, amount: total }],
		discounts: [],
		address: { phone: "" },
		couponId: coupon ? COUPON.id : null,
		points: { used: points ? POINTS.used : 0, earn: POINTS.earn },
		promotionUses: flashSale ? [{ promotionId, units: quantity }] : []
	} as unknown as Order;
}

export const draftPayment = (_id: string, order: Order, paymentNo: string): Payment =>
	({
		_id,
		paymentNo,
		orderId: order._id,
		amount: order.total,
		channel: "alipay",
		currency: "CNY",
		status: "pending",
		paidAt: null,
		paidAmount: null,
		refundReserved: 0,
		refundIds: [],
		refunded: 0,
		refundedIds: [],
		anomalies: [],
		pollCount: 0
	}) as unknown as Payment;
