import type { Doc } from "./collection";

/** Units of one quota. `limit` applies beside the quota's own; null: no limit of the claim. */
export type QuotaClaim = { readonly quotaId: string; readonly units: number; readonly limit: number | null };

/** The claims that one holder, such as an order, has taken. A hold that is `released` can't take again. */
export type QuotaHold = Doc & {
	readonly claims: readonly QuotaClaim[];
	readonly state: "taking" | "held" | "releasing" | "released";
	readonly updatedAt: Date;
};

/** A counted change whose hold may not be confirmed yet; `id` is holder and kind. */
type Note = { readonly id: string; readonly holder: string; readonly units: number; readonly at: Date };
export type Quota = Doc & {
	readonly used: number;
	/** Null: only the limits of the claims. */
	readonly limit: number | null;
	readonly version: number;
	readonly inFlight: readonly Note[];
};

/**
 * `take` and `release` count units, `undo` reverts a counted `take` that is still in flight, `drop` only removes the notes of
 * a holder whose hold has ended.
 */
export type QuotaChange = QuotaClaim & {
	readonly holder: string;
	readonly kind: "take" | "release" | "undo" | "drop";
};
/** `over`: the units would exceed a limit. `stale`: the hold is not in the state for this change. */
export type QuotaVerdict = "counted" | "over" | "stale";

export const createQuota = (_id: string): Quota => ({
	_id,
	used: 0,
	limit: null,
	version: 0,
	inFlight: []
});

/**
 * Decides a batch of changes of one quota. `next` is null where nothing changes. Notes of `finished` changes are dropped with
 * the next write.
 */
export function countQuotaChanges(
	quota: Quota,
	changes: readonly QuotaChange[],
	holds: readonly QuotaHold[],
	finished: ReadonlySet<string>,
	at: Date
): {
	readonly next: Pick<Quota, "used" | "inFlight"> | null;
	readonly verdicts: ReadonlyMap<string, QuotaVerdict>;
} {
	const stateOf = new Map(holds.map(({ _id, state }) => [_id, state]));
	const verdicts = new Map<string, QuotaVerdict>();
	let { used } = quota;
	let { inFlight } = quota;
	for (const { holder, kind, units, limit } of changes) {
		const id = `${holder} ${kind}`;
		const state = stateOf.get(holder);
		const taken = inFlight.find(note => note.id === `${holder} take`);
		const decide = (): QuotaVerdict => {
			if (kind === "drop") {
				if (state === "taking" || state === "releasing") return "stale";
				const kept = inFlight.filter(note => note.holder !== holder);
				if (kept.length < inFlight.length) inFlight = kept;
				return "counted";
			}
			if (kind === "undo") {
				if (!taken || state === "held" || state === "releasing") return "stale";
				used -= taken.units;
				inFlight = inFlight.filter(note => note !== taken);
				return "counted";
			}
			if (inFlight.some(note => note.id === id)) return "counted";
			if (state !== (kind === "take" ? "taking" : "releasing")) return "stale";
			if (kind === "take" && used + units > Math.min(limit ?? Infinity, quota.limit ?? Infinity))
				return "over";
			used += kind === "take" ? units : -units;
			// A hold that is being released was held: the note of its `take` is done with, and must not be undone later.
			inFlight = [...inFlight.filter(note => note !== taken), { id, holder, units, at }];
			return "counted";
		};
		verdicts.set(id, decide());
	}
	const kept = inFlight.filter(({ id }) => !finished.has(id));
	return { next: inFlight !== quota.inFlight ? { used, inFlight: kept } : null, verdicts };
}
