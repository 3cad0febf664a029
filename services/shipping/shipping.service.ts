import { configMixin } from "../../mixins/config.mixin";
import { scheduleMixin } from "../../mixins/schedule.mixin";
import { collection, storeMixin } from "../../mixins/store.mixin";
import { service } from "../../schemas/registry";
import { shipping } from "../../schemas/shipping.contract";
import { settings } from "../../settings";
import { CARRIERS } from "./carrier.domain";
import { claimParcel, confirmParcel, dropClaim, sweepClaims } from "./claim-parcel";
import { erasePersonalData, exportParcels } from "./manage-personal-data";
import { toShipmentView, type Parcel } from "./parcel.domain";
import type { ShippingContext } from "./shipping.context";

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
				{ keys: { state: 1, shippedAt: 1 } }
			])
		}),
		configMixin,
		scheduleMixin<ShippingContext>({
			name: "claims of parcels that a crash left",
			every: "shipping.sweepEvery",
			run() {
				return sweepClaims(this, new Date(Date.now() - STALE_MS));
			}
		})
	],

	actions: {
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
			async handler({ params: { cause } }) {
				const where = { "cause.kind": cause.kind, "cause.id": cause.id, state: "sent" } as const;
				const found = await this.parcels.find(where, { sort: { _id: 1 }, limit: 500 });
				return found.map(toShipmentView);
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
