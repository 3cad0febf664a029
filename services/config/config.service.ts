import type { ServiceBroker } from "moleculer";
import { configMixin, type Config } from "../../mixins/config.mixin";
import { collection, storeMixin, type Store } from "../../mixins/store.mixin";
import { config } from "../../schemas/config.contract";
import type { ConfigKey } from "../../schemas/config-keys";
import { Refusal } from "../../schemas/errors";
import type { Meta } from "../../schemas/kit/service";
import { service } from "../../schemas/registry";
import * as domain from "./config-value.domain";

type Changes = Store<domain.ConfigChange>;

/** Owns the settings that change while the shop runs. Every process asks for a snapshot twice a second. */
export default service(config, {
	mixins: [
		storeMixin({
			changes: collection<domain.ConfigChange>("config_changes", [
				{ keys: { key: 1, version: -1 }, unique: true }
			])
		}),
		configMixin
	],

	actions: {
		snapshot: {
			async handler(ctx) {
				const version = domain.revisionOf(await findNewest(this.changes));
				if (version === ctx.params.version) return { version, values: null };
				const latest = await Promise.all(domain.KEYS.map(key => findLatestOf(this.changes, key)));
				// Read after the version: a value may be newer than it, and then the next snapshot brings it again.
				return { version, values: domain.effectiveValues(latest.filter(change => change !== null)) };
			}
		},
		list: {
			async handler(ctx) {
				const { page = 1, pageSize = 20 } = ctx.params;
				const keys = domain.KEYS.slice((page - 1) * pageSize, page * pageSize);
				const items = await Promise.all(
					keys.map(async key => domain.toView(key, await findLatestOf(this.changes, key)))
				);
				return { items, page, pageSize, total: domain.KEYS.length };
			}
		},
		get: {
			async handler(ctx) {
				const key = domain.requireKey(ctx.params.key);
				return domain.toView(key, await findLatestOf(this.changes, key));
			}
		},
		set: {
			async handler(ctx) {
				const key = domain.requireKey(ctx.params.key);
				return setValue(this, key, ctx.params.value, ctx.meta);
			}
		},
		history: {
			async handler(ctx) {
				const { key: name, page, pageSize } = ctx.params;
				const key = domain.requireKey(name);
				const found = await this.changes.page({ key }, { page, pageSize }, { version: -1 });
				return domain.toHistoryPage(key, found);
			}
		},
		rollback: {
			async handler(ctx) {
				const key = domain.requireKey(ctx.params.key);
				const value = await findValueAt(this.changes, key, ctx.params.version);
				return setValue(this, key, value, ctx.meta);
			}
		}
	}
});

type ConfigContext = { readonly changes: Changes; readonly config: Config; readonly broker: ServiceBroker };
async function setValue(
	{ changes, config, broker }: ConfigContext,
	key: ConfigKey,
	value: unknown,
	{ user }: Meta
) {
	domain.assertValue(key, value);
	const change = await recordChange(changes, { key, value, by: user?.id ?? "system", at: new Date() });
	await config.refresh(broker); // this process need not wait for its next look
	return domain.toView(key, change);
}

/** Stores the change under the next revision; of concurrent changes one takes it, and the others take those after it. */
function recordChange(
	changes: Changes,
	change: Omit<domain.ConfigChange, "_id" | "version">
): Promise<domain.ConfigChange> {
	return changes.retryConflicts(change.key, async () => {
		const revision = domain.revisionOf(await findNewest(changes)) + 1;
		const version = ((await findLatestOf(changes, change.key))?.version ?? 0) + 1;
		return changes.tryInsert({ _id: domain.changeId(revision), version, ...change });
	});
}

const findNewest = (changes: Changes) => changes.findOne({}, { sort: { _id: -1 } });
const findLatestOf = (changes: Changes, key: string) => changes.findOne({ key }, { sort: { version: -1 } });
async function findValueAt(changes: Changes, key: ConfigKey, version: number): Promise<unknown> {
	if (version === 0) return domain.defaultChange(key).value;
	const change = await changes.findOne({ key, version });
	if (!change) throw new Refusal("NOT_FOUND", "The setting never had this version", { key, version });
	return change.value;
}
