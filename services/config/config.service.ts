import { configMixin } from "../../mixins/config.mixin";
import { collection, storeMixin } from "../../mixins/store.mixin";
import { config } from "../../schemas/config.contract";
import type { Meta } from "../../schemas/kit/service";
import { service } from "../../schemas/registry";
import * as domain from "./config-value.domain";
import { requireFormerValue, findLatestChange, readRevision, setValue } from "./set-value";

/** Owns the config values, which change while the shop runs. Every process asks for a snapshot twice a second. */
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
				const revision = await readRevision(this);
				if (revision === ctx.params.revision) return { revision, values: null };
				// The values are read after the revision: one may be newer, and the next snapshot then has it again.
				const latest = await Promise.all(domain.KEYS.map(key => findLatestChange(this, key)));
				return { revision, values: domain.effectiveValues(latest.filter(change => change !== null)) };
			}
		},
		list: {
			async handler(ctx) {
				const { page = 1, pageSize = 20 } = ctx.params;
				const keys = domain.KEYS.slice((page - 1) * pageSize, page * pageSize);
				const items = await Promise.all(
					keys.map(async key => domain.toView(key, await findLatestChange(this, key)))
				);
				return { items, page, pageSize, total: domain.KEYS.length };
			}
		},
		get: {
			async handler(ctx) {
				const key = domain.requireKey(ctx.params.key);
				return domain.toView(key, await findLatestChange(this, key));
			}
		},
		set: {
			async handler(ctx) {
				const key = domain.requireKey(ctx.params.key);
				return setValue(this, key, ctx.params.value, changedBy(ctx.meta));
			}
		},
		history: {
			async handler(ctx) {
				const { key: name, page, pageSize } = ctx.params;
				const key = domain.requireKey(name);
				const changes = await this.changes.page({ key }, { page, pageSize }, { version: -1 });
				return domain.toHistoryPage(key, changes);
			}
		},
		rollback: {
			async handler(ctx) {
				const key = domain.requireKey(ctx.params.key);
				const value = await requireFormerValue(this, key, ctx.params.version);
				return setValue(this, key, value, changedBy(ctx.meta));
			}
		}
	}
});

const changedBy = ({ user }: Meta): string => user?.id ?? "system";
