import type { DeliveryView, WebhookView } from "../../schemas/webhooks.contract";
import { DAY_MS } from "../../schemas/values/durations";
import { matchesAny } from "../../schemas/values/topics";

/** A secret encrypted for the store. `until` ends the time for which it signs beside a newer one. */
export type StoredSecret = {
	readonly sealedSecret: string;
	readonly sealedUnder: string;
	readonly until: Date | null;
};

export type Webhook = {
	readonly _id: string;
	readonly url: string;
	readonly topics: readonly string[];
	readonly enabled: boolean;
	/** Facts from before that time are not delivered. */
	readonly enabledAt: Date;
	/** The present one first. */
	readonly secrets: readonly StoredSecret[];
	readonly failingSince: Date | null;
	readonly switchedOffAt: Date | null;
	readonly createdAt: Date;
	readonly updatedAt: Date;
	readonly version: number;
};

export type Delivery = {
	/** `<fact's id>.<endpoint's id>`: a fact is delivered to an endpoint once, however often it is read. */
	readonly _id: string;
	readonly webhookId: string;
	readonly eventId: string;
	readonly type: string;
	/** The request's body. */
	readonly body: string;
	readonly status: DeliveryView["status"];
	readonly attempts: number;
	/** While it is pending: when the next attempt is due, and during an attempt when the attempt is given up for dead. */
	readonly nextAttemptAt?: Date;
	readonly giveUpAt: Date;
	readonly lastStatus: number | null;
	readonly lastError: string | null;
	readonly createdAt: Date;
	readonly endedAt: Date | null;
	/** The delivery was given up, and its fact `webhook.delivery_failed` became a dead letter: a replay of that delivers it again. */
	readonly buried?: boolean;
	/** The W3C `traceparent` of the traced call that made the fact. */
	readonly traceparent?: string;
};

/** For how long a former secret still signs. */
export const OLD_SECRET_MS = DAY_MS;
/** For how long a delivery is tried. */
export const GIVE_UP_AFTER_MS = DAY_MS;
/** An endpoint that failed for so long is switched off. A little less than a day, so that the last attempt of a day counts. */
export const SWITCH_OFF_AFTER_MS = DAY_MS - 60_000;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Pauses before the second, third, … attempt; the last one repeats. */
const BACKOFF_MS = [5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR];

/** When a delivery is tried again after its attempt of this number failed; null: it is given up. `random` is in [0, 1). */
export function planRetry(attempt: number, giveUpAt: Date, now: Date, random: number): Date | null {
	if (now >= giveUpAt) return null;
	const pause = BACKOFF_MS[Math.min(attempt, BACKOFF_MS.length) - 1] ?? 0;
	const jittered = now.getTime() + pause * (0.9 + 0.2 * random);
	return new Date(Math.min(jittered, giveUpAt.getTime()));
}

/** Whether an endpoint that has failed since then is switched off. */
export const mustSwitchOff = (failingSince: Date, now: Date): boolean =>
	now.getTime() - failingSince.getTime() >= SWITCH_OFF_AFTER_MS;

/** A fact to deliver. */
export type DeliverableFact = {
	readonly id: string;
	readonly event: string;
	readonly payload: Readonly<Record<string, unknown>>;
	readonly at: Date;
	readonly traceparent?: string;
};

/** Whether the endpoint gets the fact. It is not told of its own failures: their deliveries would fail as well. */
export const wants = (
	{ _id, enabled, enabledAt, topics }: Webhook,
	{ event, payload, at }: DeliverableFact
): boolean =>
	enabled &&
	at >= enabledAt &&
	matchesAny(topics, event) &&
	!(event.startsWith("webhook.") && payload["webhookId"] === _id);

export function createDelivery(webhookId: string, fact: DeliverableFact, now: Date): Delivery {
	const { id, event, payload, at, traceparent } = fact;
	return {
		_id: `${id}.${webhookId}`,
		webhookId,
		eventId: id,
		type: event,
		body: JSON.stringify({ type: event, timestamp: at.toISOString(), data: payload }),
		status: "pending",
		attempts: 0,
		nextAttemptAt: now,
		giveUpAt: new Date(now.getTime() + GIVE_UP_AFTER_MS),
		lastStatus: null,
		lastError: null,
		createdAt: now,
		endedAt: null,
		...(traceparent !== undefined && { traceparent })
	};
}

/** The fact of a delivery. */
export function toFact({ eventId: id, type: event, body, traceparent }: Delivery): DeliverableFact {
	const { timestamp, data } = JSON.parse(body) as {
		readonly timestamp: string;
		readonly data: DeliverableFact["payload"];
	};
	return {
		id,
		event,
		payload: data,
		at: new Date(timestamp),
		...(traceparent !== undefined && { traceparent })
	};
}

const isoOrNull = (date: Date | null | undefined) => date?.toISOString() ?? null;

export const toWebhookView = (webhook: Webhook): WebhookView => ({
	id: webhook._id,
	url: webhook.url,
	topics: webhook.topics,
	enabled: webhook.enabled,
	failingSince: isoOrNull(webhook.failingSince),
	switchedOffAt: isoOrNull(webhook.switchedOffAt),
	createdAt: webhook.createdAt.toISOString(),
	updatedAt: webhook.updatedAt.toISOString()
});

export const toDeliveryView = (delivery: Delivery): DeliveryView => ({
	id: delivery._id,
	webhookId: delivery.webhookId,
	eventId: delivery.eventId,
	type: delivery.type,
	status: delivery.status,
	attempts: delivery.attempts,
	lastStatus: delivery.lastStatus,
	lastError: delivery.lastError,
	nextAttemptAt: isoOrNull(delivery.nextAttemptAt),
	createdAt: delivery.createdAt.toISOString(),
	endedAt: isoOrNull(delivery.endedAt)
});
