import { action, contract } from "./kit/contract";
import * as r from "./kit/rules";

const scope = { userId: r.str(), route: r.str(), key: r.str({ min: 8, max: 128 }) };

export const idempotency = contract("idempotency", {
	/**
	 * Claims a key for one execution: `run`, or the reason why not. `fingerprint` is a hash of the request's content, `claimId`
	 * the id of the caller; a caller that asks again still has its claim.
	 */
	claim: action({ ...scope, fingerprint: r.str(), claimId: r.str() }, { repeatable: true }).returns(
		r.obj({
			verdict: r.oneOf("run", "replay", "running", "reused"),
			status: r.opt(r.int()),
			body: r.opt(r.any())
		})
	),
	/** Stores the first answer for replays. */
	complete: action({ claimId: r.str(), status: r.int(), body: r.any() }, { repeatable: true }).returns(
		r.nothing
	),
	/**
	 * Releases a claim without an answer to replay. With `unknown` the execution may have had an effect, so that the key is free
	 * for the same content only.
	 */
	release: action({ claimId: r.str(), unknown: r.opt(r.bool()) }, { repeatable: true }).returns(r.nothing)
});
