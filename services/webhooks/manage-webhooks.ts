import { lookup } from "node:dns/promises";
import { setTimeout as pause } from "node:timers/promises";
import { invalid, invalidFields, Refusal } from "../../schemas/errors/errors";
import { events } from "../../schemas/registry";
import { newId } from "../../schemas/values/new-id";
import { findBadTopic } from "../../schemas/values/topics";
import { checkAddress, mayCall, readIpLiteral } from "./public-address";
import { MAX_WEBHOOKS, placeReader } from "./queue-deliveries";
import { replaceSecret, sealSecret } from "./secrets";
import { ADDRESS_POLICY } from "./send-deliveries";
import { isGoodSecret, makeSecret } from "./signature";
import type { Webhook } from "./webhook.domain";
import type { WebhooksContext } from "./webhooks.context";

type Fields = {
	readonly url?: string | undefined;
	readonly topics?: readonly string[] | undefined;
	readonly secret?: string | undefined;
	readonly enabled?: boolean | undefined;
};

/** Stores a new endpoint; resolves to it and to its secret, which is shown this once. */
export async function addWebhook(
	context: WebhooksContext,
	{ url, topics, secret = makeSecret(), enabled = true }: Fields & Pick<Webhook, "url" | "topics">
): Promise<{ webhook: Webhook; secret: string }> {
	await checkFields({ url, topics, secret });
	if ((await context.webhooks.count({})) >= MAX_WEBHOOKS)
		throw new Refusal("LIMIT_REACHED", "Too many webhooks", { what: "webhook", limit: MAX_WEBHOOKS });
	const _id = newId();
	const now = new Date();
	const webhook = await context.webhooks.insert({
		_id,
		url,
		topics,
		enabled,
		enabledAt: now,
		secrets: [sealSecret(secret, _id)],
		failingSince: null,
		switchedOffAt: null,
		createdAt: now,
		updatedAt: now,
		version: 1
	});
	if (enabled) await placeReader(context);
	return { webhook, secret };
}

/** Changes an endpoint. Switched on, it gets what happens from now on, and what is still pending. */
export async function editWebhook(context: WebhooksContext, id: string, fields: Fields): Promise<Webhook> {
	await context.webhooks.get(id);
	await checkFields(fields);
	const { secret, ...changes } = fields;
	const now = new Date();
	const webhook = await context.webhooks.rewrite(id, stored => ({
		guard: { version: stored.version },
		update: {
			$set: {
				...changes,
				...(secret !== undefined && { secrets: replaceSecret(stored, secret, now) }),
				...(fields.enabled === true && {
					...(!stored.enabled && { enabledAt: now }),
					failingSince: null,
					switchedOffAt: null
				}),
				updatedAt: now,
				version: stored.version + 1
			}
		}
	}));
	if (webhook.enabled) await placeReader(context);
	return webhook;
}

/** Gives the endpoint a new secret; the one before signs for a day more. */
export async function rotateSecret({ webhooks }: WebhooksContext, id: string): Promise<string> {
	const secret = makeSecret();
	const now = new Date();
	await webhooks.rewrite(id, stored => ({
		guard: { version: stored.version },
		update: {
			$set: { secrets: replaceSecret(stored, secret, now), updatedAt: now, version: stored.version + 1 }
		}
	}));
	return secret;
}

const REMOVED_AT_ONCE = 200;
/** Removes an endpoint with its deliveries, in small steps. What a crash leaves is removed when its time is over. */
export async function removeWebhook({ webhooks, deliveries }: WebhooksContext, id: string): Promise<void> {
	await webhooks.get(id);
	await webhooks.remove({ _id: id });
	for (;;) {
		const some = await deliveries.find({ webhookId: id }, { limit: REMOVED_AT_ONCE, fields: ["_id"] });
		if (some.length === 0) return;
		await deliveries.remove({ _id: { $in: some.map(({ _id }) => _id) } });
	}
}

async function checkFields({ url, topics, secret }: Fields): Promise<void> {
	const bad = topics && findBadTopic(topics, Object.keys(events));
	if (bad !== undefined) throw invalidFields([{ field: "topics", type: "stringPattern" }]);
	if (secret !== undefined && !isGoodSecret(secret))
		throw invalidFields([{ field: "secret", type: "stringPattern" }]);
	if (url !== undefined) await checkUrl(url);
}

/** Time for resolving a name while an endpoint is saved. */
const RESOLVE_MS = 2_000;

/** Refuses an address that deliveries are not sent to. A name that can't be resolved now is judged at each connection. */
async function checkUrl(text: string): Promise<void> {
	const url = checkAddress(text, ADDRESS_POLICY);
	if (url === "malformed") throw invalid("url", "webAddress");
	if (url === "private") throw invalid("url", "privateAddress");
	if (readIpLiteral(url) !== null) return;
	const resolving = lookup(url.hostname, { all: true }).catch(() => []);
	const found = await Promise.race([resolving, pause(RESOLVE_MS, [], { ref: false })]);
	if (found.some(({ address }) => !mayCall(address, ADDRESS_POLICY)))
		throw invalid("url", "privateAddress");
}
