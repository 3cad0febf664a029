import { cacheTagMixin } from "../../mixins/cache.mixin";
import { configMixin } from "../../mixins/config.mixin";
import { metricsMixin } from "../../mixins/metrics.mixin";
import { scheduleMixin } from "../../mixins/schedule.mixin";
import { collection, storeMixin } from "../../mixins/store.mixin";
import { service } from "../../schemas/registry";
import { shipping } from "../../schemas/shipping.contract";
import { listRegions } from "../../schemas/values/regions";
import { settings } from "../../settings";
import { CARRIERS } from "./carrier.domain";
import { claimParcel, confirmParcel, dropClaim, getSentByNumber, sweepClaims } from "./claim-parcel";
import { addRule, editRule, readRules, removeRule } from "./edit-rule";
import { erasePersonalData, exportParcels } from "./manage-personal-data";
import { toShipmentView, type Parcel } from "./parcel.domain";
import { findDefaultId, toFreightRule, toRuleView, type ShippingRule } from "./rule.domain";
import { receivePush } from "./receive-push";
import { SHIPPING_METRICS } from "./shipping.metrics";
import type { ShippingContext } from "./shipping.context";
import { pollDueParcels, refreshParcels, subscribeNow } from "./track-parcel";
import { trackingMixin } from "./tracking/tracking.mixin";

/** Claims older than this were left by a crash: the call that made them has timed out, and its order's write is refused. */
const STALE_MS = settings.requestTimeoutMs + 15_000;

/** Owns the parcels and what is known of their way, and the rules of the freight. */
export default service(shipping, {
	mixins: [
		storeMixin({
			parcels: collection<Parcel>("parcels", [
				{ keys: { numberKey: 1 }, unique: true },
				{ keys: { "cause.kind": 1, "cause.id": 1, _id: 1 } },
				{ keys: { userId: 1, _id: -1 } },
				{ keys: { state: 1, shippedAt: 1 } },
				{ keys: { nextPollAt: 1 }, sparse: true }
			]),
			rules: collection<ShippingRule>("shipping_rules", [], {
				scans: "a shop has a few rules, and never more than 200"
			})
		}),
		cacheTagMixin("shipping"),
		configMixin,
		metricsMixin(SHIPPING_METRICS),
		trackingMixin,
		scheduleMixin<ShippingContext>(
			{
				name: "claims of parcels that a crash left",
				every: "shipping.sweepEvery",
				run() {
					return sweepClaims(this, new Date(Date.now() - STALE_MS));
				}
			},
			{
				name: "ask the tracking service about parcels",
				every: "shipping.sweepEvery",
				run() {
					return pollDueParcels(this);
				}
			}
		)
	],

	actions: {
		freightRules: {
			async handler() {
				const rules = await readRules(this);
				return rules.map(toFreightRule(findDefaultId(rules)));
			}
		},
		hasRule: {
			async handler({ params: { id } }) {
				return (await this.rules.findOne({ _id: id }, { fields: ["_id"] })) !== null;
			}
		},
		listRules: {
			async handler({ params }) {
				const [page, all] = await Promise.all([
					this.rules.page({}, params, { _id: 1 }),
					readRules(this)
				]);
				const defaultId = findDefaultId(all);
				return { ...page, items: page.items.map(rule => toRuleView(rule, defaultId)) };
			}
		},
		getRule: {
			async handler({ params: { id } }) {
				return toRuleView(await this.rules.get(id), findDefaultId(await readRules(this)));
			}
		},
		createRule: {
			async handler({ params }) {
				return addRule(this, params);
			}
		},
		editRule: {
			async handler({ params: { id, ...patch } }) {
				return editRule(this, id, patch);
			}
		},
		removeRule: {
			async handler(ctx) {
				await removeRule(this, ctx, ctx.params.id);
				return null;
			}
		},
		regions: {
			async handler() {
				return listRegions();
			}
		},
		createParcel: {
			async handler(ctx) {
				await claimParcel(this, ctx.params);
				return null;
			}
		},
		dropParcel: {
			async handler(ctx) {
				await dropClaim(this, ctx.params.parcelId);
				return null;
			}
		},
		parcels: {
			async handler({ params: { cause, refresh = false } }) {
				const where = { "cause.kind": cause.kind, "cause.id": cause.id, state: "sent" } as const;
				const found = await this.parcels.find(where, { sort: { _id: 1 }, limit: 500 });
				const fresh = refresh ? await refreshParcels(this, found) : found;
				return fresh.map(toShipmentView);
			}
		},
		subscribe: {
			async handler({ params: { trackingNo } }) {
				const parcel = await getSentByNumber(this, trackingNo);
				await subscribeNow(this, parcel);
				return { shipmentId: parcel._id };
			}
		},
		notify: {
			handler({ params: { provider, body } }) {
				return receivePush(this, provider, Buffer.from(body, "base64"));
			}
		},
		carriers: {
			async handler() {
				return CARRIERS.map(({ code, name }) => ({ code, name }));
			}
		},
		exportPersonalData: {
			async handler(ctx) {
				return { parcels: await exportParcels(this, ctx.params.userId) };
			}
		}
	},

	events: {
		async "order.parcel_sent"(ctx) {
			await confirmParcel(this, ctx.params);
		},
		async "user.closed"(ctx) {
			await erasePersonalData(this, ctx.params.userId);
		}
	}
});
