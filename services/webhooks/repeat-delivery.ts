import { notFound } from "../../schemas/errors/errors";
import { newId } from "../../schemas/values/new-id";
import { settings } from "../../settings";
import { post } from "./send-deliveries";
import { createDelivery, GIVE_UP_AFTER_MS, type Delivery } from "./webhook.domain";
import type { WebhooksContext } from "./webhooks.context";

/** Has a delivery made again, at once and for another day; one that is pending becomes due now. */
export async function retryDelivery(context: WebhooksContext, id: string): Promise<Delivery> {
	const now = new Date();
	const delivery = await context.deliveries.mustChange(
		id,
		{},
		{
			$set: {
				status: "pending",
				attempts: 0,
				nextAttemptAt: now,
				giveUpAt: new Date(now.getTime() + GIVE_UP_AFTER_MS),
				endedAt: null,
				buried: false
			}
		}
	);
	context.wake();
	return delivery;
}

/**
 * Handles the fact of a delivery that was given up: makes it a dead letter by failing in every attempt. The first attempt of a
 * fact that was a dead letter before is a replay, which has the delivery made again.
 */
export async function buryDelivery(
	context: WebhooksContext,
	deliveryId: string,
	error: string,
	attempt: number
): Promise<void> {
	const delivery = await context.deliveries.findOne({ _id: deliveryId });
	if (!delivery || delivery.status !== "failed") return;
	if (attempt === 1 && delivery.buried) {
		await retryDelivery(context, deliveryId);
		return;
	}
	await context.deliveries.change({ _id: deliveryId, status: "failed" }, { $set: { buried: true } });
	throw new Error(`The webhook did not take the delivery: ${error}`);
}

/** Time for a test: its outcome is the answer of a request. */
const TEST_MS = settings.requestTimeoutMs / 2;

/** Sends `webhook.test` to an endpoint once, also where it is switched off, and stores how that went. */
export async function testWebhook({ webhooks, deliveries }: WebhooksContext, id: string): Promise<Delivery> {
	const webhook = await webhooks.get(id);
	const now = new Date();
	const fact = { id: newId(), event: "webhook.test", payload: { webhookId: id }, at: now };
	const draft = createDelivery(id, fact, now);
	const { status, error } = await post(webhook, draft, TEST_MS);
	const { nextAttemptAt: _, ...rest } = draft;
	const delivery: Delivery = {
		...rest,
		status: error === null ? "delivered" : "failed",
		attempts: 1,
		lastStatus: status,
		lastError: error,
		endedAt: new Date()
	};
	return deliveries.insert(delivery);
}

/** Refuses with NOT_FOUND where there is no such endpoint. */
export async function requireWebhook({ webhooks }: WebhooksContext, id: string): Promise<void> {
	if (!(await webhooks.findOne({ _id: id }, { fields: ["_id"] }))) throw notFound("webhook", id);
}
