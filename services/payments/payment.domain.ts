import type {
	ChannelName,
	PaymentAction,
	PaymentScene,
	PaymentStatus,
	RefundStatus
} from "../../schemas/payments.contract";

export type Payment = {
	readonly _id: string;
	/** The payment's number at the channel. It is no order number, since every attempt to pay an order has one of its own. */
	readonly paymentNo: string;
	readonly orderId: string;
	readonly orderNo: string;
	readonly userId: string;
	/** The caller's idempotency key. */
	readonly key: string;
	readonly channel: ChannelName;
	readonly scene: PaymentScene;
	/** The page to which the channel sends the shopper back; absent: the shop's own. */
	readonly returnUrl?: string;
	/** The shopper's id at the channel. */
	readonly openid?: string;
	readonly amount: number;
	readonly currency: string;
	readonly status: PaymentStatus;
	/** The order's id while the payment is payable. The unique index allows one live payment an order. */
	readonly liveKey?: string;
	readonly action: PaymentAction | null;
	readonly clientIp: string;
	readonly channelTxnId?: string;
	readonly paidAt: Date | null;
	readonly paidAmount: number | null;
	/** The sum of the refunds in `refundIds`, requested or done. */
	readonly refundReserved: number;
	/** Refunds that are reserved against `paidAmount`; a failed refund leaves the list. */
	readonly refundIds: readonly string[];
	/** Refunds that failed after their amount was reserved: a late attempt must not reserve it again. */
	readonly failedRefundIds?: readonly string[];
	/** The units (and the shipping fee) of these refunds, so that none is refunded twice. */
	readonly refundUnits?: readonly string[];
	/** When the channel was last asked for a refund of this payment. */
	readonly refundAskedAt?: Date;
	readonly refunded: number;
	readonly refundedIds: readonly string[];
	readonly anomalies: readonly { readonly at: Date; readonly reason: string }[];
	readonly expiresAt: Date;
	/** The time of the next poll; absent once the channel has nothing more to say. */
	readonly nextPollAt?: Date;
	/** How often the channel was polled. */
	readonly pollCount: number;
	readonly createdAt: Date;
};

export type RefundLine = { readonly skuId: string; readonly quantity: number; readonly amount: number };
/** The units of an order that a refund is for. Each unit has a name of its own, so that none is refunded twice. */
export type RefundPart = {
	readonly units: readonly string[];
	readonly lines: readonly RefundLine[];
	readonly shipping: number;
	readonly amount: number;
};

export type Refund = {
	/** The refund's number at the channel. Every attempt repeats it, so that no attempt can refund a second time. */
	readonly _id: string;
	readonly paymentId: string;
	readonly paymentNo: string;
	readonly channel: ChannelName;
	readonly orderId: string;
	readonly amount: number;
	readonly reason: string;
	/** Absent where the refund is for a bare amount. */
	readonly part?: RefundPart;
	/** The claim of the order that holds the units, and its attempt; absent in refunds of earlier versions. */
	readonly claim?: { readonly id: string; readonly attempt: number };
	readonly status: RefundStatus;
	readonly failureReason: string | null;
	/** When the channel first confirmed that it has the refund in its books. */
	readonly acceptedAt?: Date;
	readonly nextPollAt?: Date;
	readonly pollCount: number;
	readonly createdAt: Date;
};

/** Every legal transition of a payment; the guards of the writes are made of it. */
export const PAYMENT_TRANSITIONS: Readonly<Record<PaymentStatus, readonly PaymentStatus[]>> = {
	pending: ["succeeded", "closed", "failed"],
	closed: ["succeeded"],
	failed: ["succeeded"],
	succeeded: ["refunded"],
	refunded: []
};
/** Every legal transition of a refund. A channel may pay out what it refused before. */
export const REFUND_TRANSITIONS: Readonly<Record<RefundStatus, readonly RefundStatus[]>> = {
	requested: ["processing", "succeeded", "failed"],
	processing: ["succeeded", "failed"],
	failed: ["succeeded"],
	succeeded: []
};
const statusesBefore = <S extends string>(
	transitions: Readonly<Record<S, readonly S[]>>,
	to: NoInfer<S>
): readonly S[] => (Object.keys(transitions) as S[]).filter(from => transitions[from].includes(to));

/** Statuses from which a payment can still succeed. Money may arrive after a close; the order then decides whether to keep it. */
export const CAN_SUCCEED = statusesBefore(PAYMENT_TRANSITIONS, "succeeded");
/** Statuses of refunds that are neither paid out nor failed. */
export const UNFINISHED_REFUND = statusesBefore(REFUND_TRANSITIONS, "failed");

/** Seconds until the next poll, by the number of polls so far. */
const POLL_AFTER_SECONDS = [5, 10, 15, 30, 60, 180, 300, 600, 1800];
export const planNextPoll = (now: Date, pollCount: number): Date =>
	new Date(
		now.getTime() +
			(POLL_AFTER_SECONDS[Math.min(pollCount, POLL_AFTER_SECONDS.length - 1)] ?? 1800) * 1000
	);

const CLOCK_MARGIN_MS = 60_000;

/**
 * Like `planNextPoll`, with two more polls of a payment: just after its deadline, while the order still waits, and once no
 * money can come any more.
 */
export function planNextPaymentPoll(
	{ expiresAt }: Pick<Payment, "expiresAt">,
	now: Date,
	pollCount: number
): Date {
	const ends = [1_000, CLOCK_MARGIN_MS + 1_000].map(after => expiresAt.getTime() + after);
	const ahead = ends.filter(at => at > now.getTime());
	return new Date(Math.min(planNextPoll(now, pollCount).getTime(), ...ahead));
}

/** Whether the channel can't take money any more: its deadline has passed, and a minute for clocks that differ. */
export const isPastDeadline = ({ expiresAt }: Payment, now: Date): boolean =>
	now.getTime() > expiresAt.getTime() + CLOCK_MARGIN_MS;

/** The channel stops taking money a minute before the order expires, or at half of the time that is left if that is shorter. */
export function chooseChannelDeadline(orderExpiresAt: Date, now: Date): Date {
	const left = orderExpiresAt.getTime() - now.getTime();
	return new Date(orderExpiresAt.getTime() - Math.min(60_000, Math.floor(left / 2)));
}

/** `P` and the payment's ULID. Both channels accept numbers of up to 32 characters of `[0-9A-Z]`. */
export const buildPaymentNo = (paymentId: string): string => `P${paymentId}`;

/** A refund's number follows from its purpose, so that every attempt for that purpose uses the same one. At most 64 characters. */
export const buildRefundNo = ({ paymentNo }: Payment, purpose: string): string =>
	`R_${paymentNo}_${purpose}`.slice(0, 64);

/** The purpose of a refund that `orders` requested; its further attempts append their number. */
export const ORDER_REFUND = "ORDER";
export const isRequestedByOrder = (payment: Payment, refundNo: string): boolean =>
	refundNo.startsWith(buildRefundNo(payment, ORDER_REFUND));

export const refundableAmount = ({ paidAmount, refundReserved }: Payment): number =>
	(paidAmount ?? 0) - refundReserved;

/** Whether the channel may send shoppers to this address: an http(s) page of the shop or of an origin that it trusts. */
export const isAllowedReturnUrl = (returnUrl: string, allowedOrigins: readonly string[]): boolean =>
	URL.canParse(returnUrl) &&
	/^https?:$/.test(new URL(returnUrl).protocol) &&
	allowedOrigins.includes(new URL(returnUrl).origin);

/** Scenes inside the channel's own app, where it must know the shopper. */
export const needsOpenid = (scene: PaymentScene): boolean => scene === "jsapi" || scene === "mini";
