import { MAX_CLOCK_SKEW_MS } from "../../schemas/values/clock-skew";

/** An idempotency key that one request holds or has answered. */
export type Claim = {
	/** Hash of user, route and key. */
	readonly _id: string;
	/** Id of the request that holds the claim. A request that takes it over replaces it, so the former holder can't complete it. */
	readonly claimId: string;
	/** Hash of the request's content. */
	readonly fingerprint: string;
	readonly state: "running" | "done";
	/** When a holder without an answer counts as crashed. */
	readonly leaseUntil: Date;
	readonly answer: StoredAnswer | null;
	/** When the key is free again. */
	readonly expiresAt: Date;
};
/** The body is JSON text: it is replayed unchanged, and its field names need not suit the store. */
export type StoredAnswer = { readonly status: number; readonly body: string };

export const RETENTION_MS = 24 * 3_600_000;
/** How much longer a lease is than the longest request, so that two holders never run at once. */
const LEASE_MARGIN_MS = 15_000;

/** A request for a key, by its own id and the hash of its content. */
export type KeyRequest = { readonly claimId: string; readonly fingerprint: string };

/** The fields of a claim that a request takes now. */
export const newClaimFields = (
	{ claimId, fingerprint }: KeyRequest,
	now: Date,
	requestTimeoutMs: number
) => ({
	claimId,
	fingerprint,
	state: "running" as const,
	leaseUntil: new Date(now.getTime() + requestTimeoutMs + LEASE_MARGIN_MS),
	answer: null,
	expiresAt: new Date(now.getTime() + RETENTION_MS)
});

/**
 * Decides about a request for a key that is claimed already:
 * - `run`: the request itself holds the claim; it asks again because it got no answer.
 * - `replay`: the first answer is stored.
 * - `running`: another request runs.
 * - `reused`: the key was used for other content.
 * - `takeOver`: the holder crashed, or the claim expired.
 */
export function judgeClaim(
	claim: Claim,
	{ claimId, fingerprint }: KeyRequest,
	now: Date,
	requestTimeoutMs: number
): "run" | "replay" | "running" | "reused" | "takeOver" {
	if (claim.expiresAt <= now) return "takeOver";
	if (claim.fingerprint !== fingerprint) return "reused";
	if (claim.state === "done") return "replay";
	if (claim.claimId === claimId) return "run";
	// A lease longer than any comes from a wrong clock. Taking it over is safe: the action's own key prevents a second effect.
	const leftMs = claim.leaseUntil.getTime() - now.getTime();
	const maxLeaseMs = requestTimeoutMs + LEASE_MARGIN_MS + MAX_CLOCK_SKEW_MS;
	return leftMs <= 0 || leftMs > maxLeaseMs ? "takeOver" : "running";
}
