import { MAX_CLOCK_SKEW_MS } from "../../schemas/clock-skew";

/** A key in use by one request, or the answer that it gave. */
export type Claim = {
	/** Stands for user, route and key. */
	readonly _id: string;
	/** Names the holder: another one when a crashed one was replaced, whose late word then counts for nothing. */
	readonly claimId: string;
	readonly fingerprint: string;
	readonly state: "running" | "done";
	/** When a holder that never came back counts as crashed. */
	readonly leaseUntil: Date;
	readonly answer: StoredAnswer | null;
	/** From then on the key is free again. */
	readonly expiresAt: Date;
};
/** The body as JSON text: replayed to the letter, whatever its field names are to the store. */
export type StoredAnswer = { readonly status: number; readonly body: string };

export const RETENTION_MS = 24 * 3_600_000;
const LEASE_MARGIN_MS = 15_000;

/** Who asks for a key, and for what. */
export type KeyRequest = { readonly claimId: string; readonly fingerprint: string };
/** The fields of a fresh claim. The lease outlives the longest request, so that no two run at once. */
export const claimFields = ({ claimId, fingerprint }: KeyRequest, now: Date, requestTimeoutMs: number) => ({
	claimId,
	fingerprint,
	state: "running" as const,
	leaseUntil: new Date(now.getTime() + requestTimeoutMs + LEASE_MARGIN_MS),
	answer: null,
	expiresAt: new Date(now.getTime() + RETENTION_MS)
});

/** What a request finds that comes upon a claim: `takeOver` when its holder crashed or its time is over. */
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
	// One that ends later than any was taken by a clock that was wrong; its holder, if alive, can't double the effect.
	const left = claim.leaseUntil.getTime() - now.getTime();
	return left <= 0 || left > requestTimeoutMs + LEASE_MARGIN_MS + MAX_CLOCK_SKEW_MS
		? "takeOver"
		: "running";
}
