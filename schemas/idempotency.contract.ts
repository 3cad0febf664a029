import { action, contract } from "./kit/contract";
import * as r from "./kit/rules";

const scope = { userId: r.str(), route: r.str(), key: r.str({ min: 8, max: 128 }) };

export const idempotency = contract("idempotency", {
	/**
	 * Takes the key for one execution (`run`), or tells why not; `fingerprint` stands for the request's content, `claimId` for
	 * the one who asks: asking again, it still has the key.
	 */
	claim: action({ ...scope, fingerprint: r.str(), claimId: r.str() }, { repeatable: true }).returns(
		r.obj({
			verdict: r.oneOf("run", "replay", "running", "reused"),
			status: r.opt(r.int()),
			body: r.opt(r.any())
		})
	),
	/** Keeps the first answer for replays. */
	complete: action({ claimId: r.str(), status: r.int(), body: r.any() }, { repeatable: true }).returns(
		r.nothing
	),
	/**
	 * Gives the key back: the execution had no effect worth repeating the answer of. When it may have had one (`unknown`), the
	 * key is free for the same content only.
	 */
	release: action({ claimId: r.str(), unknown: r.opt(r.bool()) }, { repeatable: true }).returns(r.nothing)
});
