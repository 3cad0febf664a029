import type {
	ChannelName,
	PaymentStatus,
	PaymentSummary,
	PaymentView,
	RefundStatus,
	RefundView,
	PaymentAdminView
} from "../../schemas/payments.contract";

export type Payment = {
	readonly _id: string;
	/** What the channel knows it by: never an order number, since every attempt has one of its own. */
	readonly paymentNo: string;
	readonly orderId: string;
	readonly orderNo: string;
	readonly userId: string;
	/** The caller's idempotency key. */
	readonly key: string;
	readonly channel: ChannelName;
	readonly scene: "page" | "wap" | "qr";
	readonly amount: number;
	readonly currency: string;
	readonly status: PaymentStatus;
	/** The order's id while the payment may be paid: unique, so that an order has one live payment at most. */
	readonly liveKey?: string;
	readonly action: { readonly type: "redirect" | "qr"; readonly url: string } | null;
	readonly clientIp: string;
	readonly channelTxnId?: string;
	readonly paidAt: Date | null;
	readonly paidAmount: number | null;
	/** Refunds counted against `paidAmount`, asked for or done; each id is in the list while it counts. */
	readonly refundReserved: number;
	readonly refundIds: readonly string[];
	/** The units among these refunds (and the shipping fee): each is in the list while its refund counts. */
	readonly refundUnits?: readonly string[];
	/** When the channel was last asked to send some of it back. */
	readonly refundAskedAt?: Date;
	readonly refunded: number;
	readonly refundedIds: readonly string[];
	readonly anomalies: readonly { readonly at: Date; readonly what: string }[];
	readonly expiresAt: Date;
	/** When the channel is asked next; absent once there is nothing to ask. */
	readonly askAt?: Date;
	readonly asked: number;
	readonly createdAt: Date;
};

export type RefundLine = { readonly skuId: string; readonly quantity: number; readonly amount: number };
/** A part of an order that a refund is for. Each unit has a name of its own, so that none is refunded twice. */
export type RefundPart = {
	readonly units: readonly string[];
	readonly lines: readonly RefundLine[];
	readonly shipping: number;
	readonly amount: number;
};

export type Refund = {
	/** Its number at the channel: the same for every try, so that no try can double it. */
	readonly _id: string;
	readonly paymentId: string;
	readonly paymentNo: string;
	readonly channel: ChannelName;
	readonly orderId: string;
	readonly amount: number;
	readonly reason: string;
	/** What of the order it is for; absent where it is for an amount alone. */
	readonly part?: RefundPart;
	readonly status: RefundStatus;
	readonly cause: string | null;
	/** When the channel first said that it has it. */
	readonly acceptedAt?: Date;
	readonly askAt?: Date;
	readonly asked: number;
	readonly createdAt: Date;
};

/** From these a success of the channel still counts: money may come after a close, and then the order decides. */
export const BEFORE_SUCCESS: readonly PaymentStatus[] = ["pending", "closed", "failed"];

/** Seconds between two questions to the channel, when its callback does not come. */
const POLL_AFTER_SECONDS = [5, 10, 15, 30, 60, 180, 300, 600, 1800];
export const nextPollAt = (now: Date, asked: number): Date =>
	new Date(
		now.getTime() + (POLL_AFTER_SECONDS[Math.min(asked, POLL_AFTER_SECONDS.length - 1)] ?? 1800) * 1000
	);

/** The same for a payment, which is also looked at when its time is up (the order still waits then) and when it is over. */
export function nextPaymentPollAt({ expiresAt }: Pick<Payment, "expiresAt">, now: Date, asked: number): Date {
	const ends = [1_000, OVER_MS + 1_000].map(after => expiresAt.getTime() + after);
	const ahead = ends.filter(at => at > now.getTime());
	return new Date(Math.min(nextPollAt(now, asked).getTime(), ...ahead));
}

const OVER_MS = 60_000;
/** Past this a channel that knows of no money will not take any: its own deadline, and a minute for clocks. */
export const isPastDeadline = ({ expiresAt }: Payment, now: Date): boolean =>
	now.getTime() > expiresAt.getTime() + OVER_MS;

/** The channel stops taking money a little before the order is given up: a minute, or half the time there is. */
export function channelDeadline(orderExpiresAt: Date, now: Date): Date {
	const left = orderExpiresAt.getTime() - now.getTime();
	return new Date(orderExpiresAt.getTime() - Math.min(60_000, Math.floor(left / 2)));
}

/** A number that both channels take: 32 of `[0-9A-Z]`; `P` and the payment's ULID. */
export const paymentNoOf = (paymentId: string): string => `P${paymentId}`;

/** Refund numbers follow from what they are for, so that whoever tries again says the same one. */
export const refundNoOf = ({ paymentNo }: Payment, purpose: string): string =>
	`R_${paymentNo}_${purpose}`.slice(0, 64);

/** The refund of an order that was called off, at any of its attempts. */
export const ORDER_REFUND = "ORDER";
export const isRequestedByOrder = (payment: Payment, refundNo: string): boolean =>
	refundNo.startsWith(refundNoOf(payment, ORDER_REFUND));

/** What a refund may still take. */
export const refundableAmount = ({ paidAmount, refundReserved }: Payment): number =>
	(paidAmount ?? 0) - refundReserved;

export const viewOf = (p: Payment): PaymentView => ({
	id: p._id,
	paymentNo: p.paymentNo,
	orderId: p.orderId,
	channel: p.channel,
	amount: p.amount,
	currency: p.currency,
	status: p.status,
	action: p.status === "pending" ? p.action : null,
	paidAt: p.paidAt?.toISOString() ?? null,
	refunded: p.refunded,
	expiresAt: p.expiresAt.toISOString(),
	createdAt: p.createdAt.toISOString()
});

export const summaryOf = (p: Payment): PaymentSummary => ({
	id: p._id,
	paymentNo: p.paymentNo,
	channel: p.channel,
	status: p.status,
	amount: p.amount,
	refunded: p.refunded,
	paidAt: p.paidAt?.toISOString() ?? null
});

export const refundViewOf = (r: Refund): RefundView => ({
	refundNo: r._id,
	amount: r.amount,
	items: [...(r.part?.lines ?? [])],
	shipping: r.part?.shipping ?? 0,
	status: r.status,
	reason: r.reason,
	cause: r.cause,
	createdAt: r.createdAt.toISOString()
});

export const adminViewOf = (p: Payment, refunds: readonly Refund[]): PaymentAdminView => ({
	...viewOf(p),
	userId: p.userId,
	orderNo: p.orderNo,
	channelTxnId: p.channelTxnId ?? null,
	paidAmount: p.paidAmount,
	anomalies: p.anomalies.map(({ at, what }) => ({ at: at.toISOString(), what })),
	refunds: refunds.map(refundViewOf)
});
