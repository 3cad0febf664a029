import { action, any, bool, contract, int, nothing, obj, oneOf, opt, str } from "./kit";

const scope = { userId: str(), route: str(), key: str({ min: 8, max: 128 }) };

export const idempotency = contract("idempotency", {
	/**
	 * Takes the key for one execution (`run`), or tells why not; `fingerprint` stands for the request's content, `claimId` for
	 * the one who asks: asking again, it still has the key.
	 */
	claim: action({ ...scope, fingerprint: str(), claimId: str() }, { repeatable: true }).returns(
		obj({
			verdict: oneOf("run", "replay", "running", "reused"),
			status: opt(int()),
			body: opt(any())
		})
	),
	/** Keeps the first answer for replays. */
	complete: action({ claimId: str(), status: int(), body: any() }, { repeatable: true }).returns(nothing),
	/**
	 * Gives the key back: the execution had no effect worth repeating the answer of. When it may have had one (`unknown`), the
	 * key is free for the same content only.
	 */
	release: action({ claimId: str(), unknown: opt(bool()) }, { repeatable: true }).returns(nothing)
});
