import { configMixin } from "../../mixins/config.mixin";
import { scheduleMixin } from "../../mixins/schedule.mixin";
import { collection, storeMixin } from "../../mixins/store.mixin";
import { idempotency } from "../../schemas/idempotency.contract";
import { service } from "../../schemas/registry";
import { acquireKey } from "./acquire-key";
import { hashClaimKey } from "./claim-key";
import { RETENTION_MS, type Claim } from "./claim.domain";
import type { IdempotencyContext } from "./idempotency.context";

/** Owns idempotency keys: runs one of several equal requests and gives its answer to the others. */
export default service(idempotency, {
	mixins: [
		storeMixin({
			claims: collection<Claim>("idempotency_claims", [
				{ keys: { claimId: 1 }, unique: true },
				{ keys: { expiresAt: 1 } }
			])
		}),
		configMixin,
		scheduleMixin<IdempotencyContext>({
			name: "remove expired claims",
			every: "housekeeping.sweepEvery",
			async run() {
				await this.claims.remove({ expiresAt: { $lte: new Date() } });
			}
		})
	],

	actions: {
		claim: {
			async handler(ctx) {
				const { fingerprint, claimId } = ctx.params;
				return acquireKey(this, hashClaimKey(ctx.params), { fingerprint, claimId });
			}
		},
		complete: {
			async handler(ctx) {
				const { claimId, status, body } = ctx.params;
				const answer = { status, body: JSON.stringify(body ?? null) };
				const expiresAt = new Date(Date.now() + RETENTION_MS);
				await this.claims.change(
					{ claimId, state: "running" },
					{ $set: { state: "done", answer, expiresAt } }
				);
				return null;
			}
		},
		release: {
			async handler(ctx) {
				const { claimId, unknown } = ctx.params;
				const running = { claimId, state: "running" as const };
				if (unknown) await this.claims.change(running, { $set: { leaseUntil: new Date(0) } });
				else await this.claims.remove(running);
				return null;
			}
		}
	}
});
