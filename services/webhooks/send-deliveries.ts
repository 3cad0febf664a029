import { logError, tracing } from "../../mixins/platform";
import { fact } from "../../schemas/registry";
import { settings } from "../../settings";
import type { AddressPolicy } from "./public-address";
import { ATTEMPT_MS, postDelivery, type PostOutcome } from "./post-delivery";
import { MAX_WEBHOOKS } from "./queue-deliveries";
import { listSigningSecrets } from "./secrets";
import { signDelivery } from "./signature";
import { mustSwitchOff, planRetry, toFact, type Delivery, type Webhook } from "./webhook.domain";
import type { WebhooksContext } from "./webhooks.context";

/** Attempts that this process makes at a time for one endpoint: a slow one holds up nobody else. */
const MAX_AT_ONCE = 5;
/** An attempt whose process died is made again after this time. */
const LEASE_MS = ATTEMPT_MS + 10_000;
const POLL_MS = 1_000;

export const ADDRESS_POLICY: AddressPolicy = { allowLoopback: settings.webhooksAllowPrivate };

/** The attempts under way in this process, by endpoint. */
const runningOf = new WeakMap<object, Map<string, Set<Promise<void>>>>();

/** Starts the attempts that are due, as far as their endpoints have room. Resolves to the pause before the next run. */
export async function startDueAttempts(context: WebhooksContext): Promise<number> {
	const running = runningOf.get(context.deliveries) ?? new Map<string, Set<Promise<void>>>();
	runningOf.set(context.deliveries, running);
	const enabled = await context.webhooks.find({ enabled: true }, { limit: MAX_WEBHOOKS });
	for (const webhook of enabled) {
		const attempts = running.get(webhook._id) ?? new Set();
		running.set(webhook._id, attempts);
		const free = MAX_AT_ONCE - attempts.size;
		const due = free > 0 ? await findDue(context, webhook, free) : [];
		for (const delivery of due) {
			const attempt: Promise<void> = attemptDelivery(context, webhook, delivery)
				.catch((err: unknown) =>
					logError(context.logger, "WEBHOOK_DELIVERY_FAILED", { err, deliveryId: delivery._id })
				)
				.finally(() => {
					attempts.delete(attempt);
					context.wake();
				});
			attempts.add(attempt);
		}
	}
	return POLL_MS;
}

/** Resolves when no attempt is under way in this process. */
export async function finishAttempts({ deliveries }: WebhooksContext): Promise<void> {
	await Promise.all([...(runningOf.get(deliveries)?.values() ?? [])].flatMap(attempts => [...attempts]));
}

function findDue({ deliveries }: WebhooksContext, { _id }: Webhook, limit: number): Promise<Delivery[]> {
	return deliveries.find(
		{ webhookId: _id, status: "pending", nextAttemptAt: { $lte: new Date() } },
		{ sort: { nextAttemptAt: 1 }, limit }
	);
}

/** Claims a delivery for one attempt, makes it and records its outcome. */
async function attemptDelivery(context: WebhooksContext, webhook: Webhook, found: Delivery): Promise<void> {
	const { _id, nextAttemptAt = null } = found;
	const claimed = await context.deliveries.change(
		{ _id, status: "pending", nextAttemptAt },
		{ $set: { nextAttemptAt: new Date(Date.now() + LEASE_MS) }, $inc: { attempts: 1 } }
	);
	if (!claimed) return; // another process makes it
	const attempt = async () => {
		const outcome = await post(webhook, claimed);
		if (outcome.error === null) await recordSuccess(context, webhook, claimed, outcome);
		else await recordFailure(context, webhook, claimed, outcome);
	};
	if (!tracing) return attempt();
	const handling = { group: "webhooks", attempt: claimed.attempts, system: "http" };
	await tracing.traceWebhook(toFact(claimed), handling, attempt);
}

/** Sends a delivery once. */
export function post(
	webhook: Webhook,
	delivery: Pick<Delivery, "eventId" | "body">,
	timeoutMs = ATTEMPT_MS
): Promise<PostOutcome> {
	const now = new Date();
	const headers = signDelivery(delivery, listSigningSecrets(webhook, now), now);
	return postDelivery(webhook.url, headers, delivery.body, ADDRESS_POLICY, timeoutMs);
}

async function recordSuccess(
	{ deliveries, webhooks, metrics }: WebhooksContext,
	{ _id: webhookId, failingSince }: Webhook,
	{ _id }: Delivery,
	{ status: lastStatus }: PostOutcome
): Promise<void> {
	metrics.attempts({ outcome: "delivered" });
	await deliveries.change(
		{ _id, status: "pending" },
		{
			$set: { status: "delivered", lastStatus, lastError: null, endedAt: new Date() },
			$unset: { nextAttemptAt: "" }
		}
	);
	if (failingSince)
		await webhooks.change(
			{ _id: webhookId, failingSince: { $ne: null } },
			{ $set: { failingSince: null } }
		);
}

async function recordFailure(
	context: WebhooksContext,
	{ _id: webhookId }: Webhook,
	delivery: Delivery,
	{ status: lastStatus, error: lastError }: PostOutcome
): Promise<void> {
	const now = new Date();
	const nextAttemptAt = planRetry(delivery.attempts, delivery.giveUpAt, now, Math.random());
	context.metrics.attempts({ outcome: nextAttemptAt ? "failed" : "given_up" });
	if (nextAttemptAt)
		await context.deliveries.change(
			{ _id: delivery._id, status: "pending", attempts: delivery.attempts },
			{ $set: { nextAttemptAt, lastStatus, lastError } }
		);
	else await giveUp(context, { ...delivery, lastStatus, lastError });
	await noteFailing(context, webhookId, now);
}

/** Gives a delivery up, with the fact that becomes its dead letter. */
async function giveUp({ deliveries }: WebhooksContext, delivery: Delivery): Promise<void> {
	const { _id, webhookId, eventId, type, lastStatus, lastError } = delivery;
	const error = lastError ?? "It was not delivered in time";
	await deliveries.change(
		{ _id, status: "pending" },
		{
			$set: { status: "failed", lastStatus, lastError: error, endedAt: new Date() },
			$unset: { nextAttemptAt: "" }
		},
		[fact("webhook.delivery_failed", { webhookId, deliveryId: _id, eventId, type, error })]
	);
}

/** Notes since when the endpoint fails, and switches it off after a day. */
async function noteFailing({ webhooks }: WebhooksContext, webhookId: string, now: Date): Promise<void> {
	const begun = await webhooks.change(
		{ _id: webhookId, failingSince: null },
		{ $set: { failingSince: now } }
	);
	if (begun) return;
	const { failingSince } = (await webhooks.findOne({ _id: webhookId })) ?? {};
	if (!failingSince || !mustSwitchOff(failingSince, now)) return;
	await webhooks.change(
		{ _id: webhookId, enabled: true, failingSince },
		{ $set: { enabled: false, switchedOffAt: now, updatedAt: now }, $inc: { version: 1 } },
		[fact("webhook.switched_off", { webhookId, failingSince: failingSince.toISOString() })]
	);
}

/** Gives up deliveries whose time is over while their endpoint was switched off. */
export async function giveUpOverdue(context: WebhooksContext): Promise<void> {
	const before = new Date(Date.now() - 2 * LEASE_MS);
	const overdue = await context.deliveries.find(
		{ status: "pending", giveUpAt: { $lt: before } },
		{ sort: { giveUpAt: 1 }, limit: 200 }
	);
	for (const delivery of overdue) {
		const webhook = await context.webhooks.findOne({ _id: delivery.webhookId }, { fields: ["_id"] });
		if (webhook) await giveUp(context, delivery);
		else await context.deliveries.remove({ _id: delivery._id });
	}
}
