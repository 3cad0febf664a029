import { DuplicateKey } from "../../mixins/store.mixin";
import type { idempotency } from "../../schemas/idempotency.contract";
import type { AnswerOf } from "../../schemas/kit/contract";
import { settings } from "../../settings";
import { newClaimFields, judgeClaim, type Claim, type KeyRequest } from "./claim.domain";
import type { IdempotencyContext } from "./idempotency.context";

type ClaimDecision = AnswerOf<(typeof idempotency.actions)["claim"]>;

/** Claims the key for the request if it is free, and says what the request has to do. */
export async function acquireKey(
	{ claims }: IdempotencyContext,
	_id: string,
	request: KeyRequest
): Promise<ClaimDecision> {
	// Another round follows only if another request claimed, completed or released the key in between.
	for (;;) {
		const now = new Date();
		const fields = newClaimFields(request, now, settings.requestTimeoutMs);
		const found = await insertOrFindClaim({ claims }, { _id, ...fields });
		if (found === "inserted") return { verdict: "run" };
		if (!found) continue;
		const verdict = judgeClaim(found, request, now, settings.requestTimeoutMs);
		if (verdict !== "takeOver") return { verdict, ...(verdict === "replay" && readAnswer(found)) };
		const { claimId, state } = found;
		const takenOver = await claims.change({ _id, claimId, state }, { $set: fields });
		if (takenOver) return { verdict: "run" };
	}
}

/** Inserts the claim if its key is free; otherwise finds the claim that has the key, or null if that one has just gone. */
async function insertOrFindClaim(
	{ claims }: IdempotencyContext,
	claim: Claim
): Promise<Claim | "inserted" | null> {
	try {
		await claims.insert(claim);
		return "inserted";
	} catch (err) {
		if (!(err instanceof DuplicateKey)) throw err;
		return claims.findOne({ _id: claim._id });
	}
}

const readAnswer = ({ answer }: Claim) =>
	answer && { status: answer.status, body: JSON.parse(answer.body) as unknown };
