import { configMixin } from "../../mixins/config.mixin";
import { scheduleMixin } from "../../mixins/schedule.mixin";
import { collection, DuplicateKey, storeMixin, type Store } from "../../mixins/store.mixin";
import { idempotency } from "../../schemas/idempotency.contract";
import type { AnswerOf } from "../../schemas/kit/contract";
import { service } from "../../schemas/registry";
import { settings } from "../../settings";
import { claimFields, judgeClaim, RETENTION_MS, type Claim, type KeyRequest } from "./claim.domain";
import { hashClaimKey } from "./claim-key";

type Claims = Store<Claim>;
type Verdict = AnswerOf<(typeof idempotency.actions)["claim"]>;

/** Lets one of several equal requests run and gives its answer to the others. Effects have a key of their own beside it. */
export default service(idempotency, {
	mixins: [
		storeMixin({
			claims: collection<Claim>("idempotency_claims", [
				{ keys: { claimId: 1 }, unique: true },
				{ keys: { expiresAt: 1 } }
			])
		}),
		configMixin,
		scheduleMixin<{ claims: Claims }>({
			name: "expired claims",
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
				return acquireKey(this.claims, hashClaimKey(ctx.params), { fingerprint, claimId });
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
				const running = { claimId, state: "running" } as const;
				if (unknown) await this.claims.change(running, { $set: { leaseUntil: new Date(0) } });
				else await this.claims.remove(running);
				return null;
			}
		}
	}
});

async function acquireKey(claims: Claims, _id: string, request: KeyRequest): Promise<Verdict> {
	// A further round follows only when another request took, finished or freed the claim in between.
	for (;;) {
		const now = new Date();
		const fields = claimFields(request, now, settings.requestTimeoutMs);
		const there = await insertOrFindClaim(claims, { _id, ...fields });
		if (there === "mine") return { verdict: "run" };
		if (!there) continue;
		const verdict = judgeClaim(there, request, now, settings.requestTimeoutMs);
		if (verdict !== "takeOver") return { verdict, ...(verdict === "replay" && replayedAnswer(there)) };
		const { claimId: former, state } = there;
		const taken = await claims.change({ _id, claimId: former, state }, { $set: fields });
		if (taken) return { verdict: "run" };
	}
}

/** Takes the key where it is free; else the claim that holds it, or null when that one has just gone. */
async function insertOrFindClaim(claims: Claims, fresh: Claim): Promise<Claim | "mine" | null> {
	try {
		await claims.insert(fresh);
		return "mine";
	} catch (err) {
		if (!(err instanceof DuplicateKey)) throw err;
		return claims.findOne({ _id: fresh._id });
	}
}

const replayedAnswer = ({ answer }: Claim) =>
	answer && { status: answer.status, body: JSON.parse(answer.body) as unknown };
