import { logError } from "../../mixins/platform";
import type { ChannelName } from "../../schemas/payments.contract";
import type { ChannelNotification } from "./channels/payment-channel";
import type { PaymentsContext, StoredNotification } from "./payments.context";

/** A notification as it arrived at the address of this channel. */
export type Incoming = {
	readonly channel: ChannelName;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: Buffer;
};

type Event = { readonly eventId: string; readonly paymentNo: string | null };

export async function storeMatched(
	{ notifications }: PaymentsContext,
	incoming: Incoming,
	{ eventId, paymentNo, kind }: ChannelNotification
): Promise<void> {
	const notification = toStored(incoming, eventId, { paymentNo, verdict: kind });
	await notifications.insertOnce(notification, { _id: notification._id });
}

/** Stores a notification that fits no payment of ours, for staff. Its first arrival alone is logged, since channels and others may send it again. */
export async function storeUnmatched(
	{ notifications, logger }: PaymentsContext,
	incoming: Incoming,
	{ eventId, paymentNo }: Event,
	reason: string
): Promise<void> {
	const { channel } = incoming;
	const notification = toStored(incoming, eventId, { paymentNo, verdict: "unmatched", reason });
	const stored = await notifications.insertOnce(notification, { _id: notification._id });
	if (stored === notification) logError(logger, "NOTIFICATION_UNMATCHED", { channel, paymentNo, reason });
}

const toStored = (
	{ channel, body }: Incoming,
	eventId: string,
	matched: Pick<StoredNotification, "paymentNo" | "verdict" | "reason">
): StoredNotification => ({
	_id: `${channel}:${eventId}`,
	channel,
	...matched,
	body: body.toString("utf8"),
	at: new Date()
});
