import { CURRENT_SECRET, createSealer } from "../../mixins/platform";
import { OLD_SECRET_MS, type StoredSecret, type Webhook } from "./webhook.domain";
import type { WebhooksContext } from "./webhooks.context";

const sealer = createSealer("secrets of webhooks");

export const sealSecret = (secret: string, webhookId: string): StoredSecret => ({
	...sealer.seal(secret, webhookId),
	until: null
});

/** The secrets that sign now: the present one, and the one before during its last day. */
export const listSigningSecrets = ({ _id, secrets }: Webhook, now: Date): string[] =>
	secrets.filter(({ until }) => until === null || until > now).map(sealed => sealer.open(sealed, _id));

/** The secrets after a new one took the place of the present one, which signs for a day more. */
export const replaceSecret = ({ _id, secrets }: Webhook, secret: string, now: Date): StoredSecret[] => {
	const until = new Date(now.getTime() + OLD_SECRET_MS);
	const [present] = secrets;
	return [sealSecret(secret, _id), ...(present ? [{ ...present, until }] : [])];
};

/** Encrypts the secrets under the shop's current secret that are still under the one before, so that it can be removed. */
export async function resealSecrets({ webhooks }: WebhooksContext): Promise<void> {
	for (const { _id, secrets, version } of await webhooks.find({}, { sort: { _id: 1 }, limit: 200 })) {
		if (secrets.every(({ sealedUnder }) => sealedUnder === CURRENT_SECRET.id)) continue;
		const resealed = secrets.map(sealed => ({
			...sealSecret(sealer.open(sealed, _id), _id),
			until: sealed.until
		}));
		await webhooks.change({ _id, version }, { $set: { secrets: resealed, version: version + 1 } });
	}
}
