import { setTimeout as pause } from "node:timers/promises";
import { metricsMixin } from "../../mixins/metrics.mixin";
import { factsMixin } from "../../mixins/facts.mixin";
import { loopMixin } from "../../mixins/loop.mixin";
import { scheduleMixin } from "../../mixins/schedule.mixin";
import { collection, storeMixin } from "../../mixins/store.mixin";
import { service } from "../../schemas/registry";
import { webhooks } from "../../schemas/webhooks.contract";
import { DAY_MS } from "../../schemas/values/durations";
import { addWebhook, editWebhook, removeWebhook, rotateSecret } from "./manage-webhooks";
import { leaveReader, queueDeliveries } from "./queue-deliveries";
import { buryDelivery, requireWebhook, retryDelivery, testWebhook } from "./repeat-delivery";
import { resealSecrets } from "./secrets";
import { finishAttempts, giveUpOverdue, startDueAttempts } from "./send-deliveries";
import { toDeliveryView, toWebhookView, type Delivery, type Webhook } from "./webhook.domain";
import type { Reader, WebhooksContext } from "./webhooks.context";
import { WEBHOOK_METRICS } from "./webhooks.metrics";

/** For how long deliveries that have ended are kept. */
const KEEP_MS = 7 * DAY_MS;
/** How long a stop waits for attempts under way. */
const STOP_WITHIN_MS = 4_000;

/** Delivers facts to other systems, as Standard Webhooks. */
export default service(webhooks, {
	mixins: [
		storeMixin({
			webhooks: collection<Webhook>("webhooks", [{ keys: { enabled: 1, _id: -1 } }]),
			deliveries: collection<Delivery>("webhook_deliveries", [
				{ keys: { webhookId: 1, status: 1, nextAttemptAt: 1 } },
				{ keys: { webhookId: 1, status: 1, _id: -1 } },
				{ keys: { webhookId: 1, _id: -1 } },
				{ keys: { status: 1, giveUpAt: 1 } },
				{ keys: { endedAt: 1 } }
			]),
			readers: collection<Reader>("webhook_readers", [], { scans: "one document" })
		}),
		factsMixin,
		metricsMixin(WEBHOOK_METRICS),
		loopMixin<WebhooksContext>(
			{
				name: "make deliveries of facts",
				run() {
					return queueDeliveries(this);
				}
			},
			{
				name: "send deliveries",
				run() {
					return startDueAttempts(this);
				}
			}
		),
		scheduleMixin<WebhooksContext>({
			name: "end and remove old deliveries",
			every: "housekeeping.sweepEvery",
			async run() {
				await giveUpOverdue(this);
				await this.deliveries.remove({ endedAt: { $lt: new Date(Date.now() - KEEP_MS) } });
				await resealSecrets(this);
			}
		})
	],

	async stopped() {
		await Promise.race([finishAttempts(this), pause(STOP_WITHIN_MS, undefined, { ref: false })]);
		await leaveReader(this);
	},

	actions: {
		list: {
			async handler(ctx) {
				const page = await this.webhooks.page({}, ctx.params);
				return { ...page, items: page.items.map(toWebhookView) };
			}
		},
		get: {
			async handler({ params: { id } }) {
				return toWebhookView(await this.webhooks.get(id));
			}
		},
		create: {
			async handler(ctx) {
				const { webhook, secret } = await addWebhook(this, ctx.params);
				return { ...toWebhookView(webhook), secret };
			}
		},
		edit: {
			async handler(ctx) {
				const { id, ...fields } = ctx.params;
				return toWebhookView(await editWebhook(this, id, fields));
			}
		},
		remove: {
			async handler({ params: { id } }) {
				await removeWebhook(this, id);
				return null;
			}
		},
		rotateSecret: {
			async handler({ params: { id } }) {
				return { secret: await rotateSecret(this, id) };
			}
		},
		test: {
			async handler({ params: { id } }) {
				return toDeliveryView(await testWebhook(this, id));
			}
		},
		deliveries: {
			async handler({ params: { id, status, ...paging } }) {
				await requireWebhook(this, id);
				const page = await this.deliveries.page({ webhookId: id, ...(status && { status }) }, paging);
				return { ...page, items: page.items.map(toDeliveryView) };
			}
		},
		retry: {
			async handler({ params: { id } }) {
				return toDeliveryView(await retryDelivery(this, id));
			}
		}
	},

	events: {
		async "webhook.delivery_failed"({ params: { deliveryId, error }, meta }) {
			await buryDelivery(this, deliveryId, error, meta.attempt ?? 1);
		}
	}
});
