import { KeyedBatcher } from "../infrastructure/keyed-batcher";
import type { Store } from "../infrastructure/documents/store";
import {
	countQuotaChanges,
	createQuota,
	type Quota,
	type QuotaChange,
	type QuotaClaim,
	type QuotaHold,
	type QuotaVerdict
} from "../infrastructure/documents/quota-count";

export type { Quota, QuotaClaim, QuotaHold } from "../infrastructure/documents/quota-count";

/**
 * Counted things with a limit: units of a flash sale, uses of a promotion, coupons of a template. What is taken under one
 * `holder`, such as an order, is taken whole or not at all, once, and given back once.
 *
 * The protocol is that of the stock: a hold is written first (`taking`), each quota is counted by a write that is guarded by
 * its version and notes the change in `inFlight`, then the hold is confirmed (`held`). The note stays in `inFlight` until the
 * hold is confirmed. So a change is counted only if it has no note and its hold is still `taking` (or `releasing`, where it is
 * given back); any other change was counted before. A sweep finishes or undoes what a crash left.
 */
export type QuotaContext = {
	readonly quotas: Store<Quota>;
	readonly quotaHolds: Store<QuotaHold>;
};

/** Index of the holds that the sweep reads, and of the quotas with unfinished changes. */
export const QUOTA_INDEXES = [{ keys: { "inFlight.at": 1 } }] as const;
export const QUOTA_HOLD_INDEXES = [{ keys: { state: 1, updatedAt: 1 } }] as const;

type Verdicts = ReadonlyMap<string, QuotaVerdict>;
/** One queue per quota. At most 100 changes go into one write, to bound its size. */
const changesByQuota = new KeyedBatcher<QuotaChange, Verdicts>(100);
/** Changes of this process whose holds are confirmed, by quota: the next write of the quota drops their notes. */
const finishedChanges = new WeakMap<object, Map<string, Set<string>>>();

/**
 * Takes all claims for the holder, or none: resolves to null, or to the claim that is over its limit. They are taken in their
 * order. A quota of one user comes before one of all: who is past the own limit then takes nothing from the others, not even
 * for a moment.
 */
export async function takeQuotas(
	context: QuotaContext,
	holder: string,
	claims: readonly QuotaClaim[]
): Promise<QuotaClaim | "released" | null> {
	const draft: QuotaHold = { _id: holder, claims, state: "taking", updatedAt: new Date() };
	const hold = await context.quotaHolds.insertOnce(draft, { _id: holder });
	if (hold.state === "held") return null;
	if (hold.state !== "taking") return "released";
	for (const claim of claims) {
		const verdict = await applyQuotaChange(context, { holder, kind: "take", ...claim });
		if (verdict === "counted") continue;
		await releaseQuotas(context, holder);
		return verdict === "over" ? claim : "released";
	}
	const held = await setState(context, holder, "taking", "held");
	if (!held) {
		// A release came between, or the sweep, which took this process for dead.
		await undoTaking(context, draft);
		return "released";
	}
	markFinished(context, held, "take");
	return null;
}

/** Gives back what the holder has taken, and leaves a hold that makes any later `takeQuotas` of the holder fail. */
export async function releaseQuotas(context: QuotaContext, holder: string): Promise<void> {
	const released: QuotaHold = { _id: holder, claims: [], state: "released", updatedAt: new Date() };
	const hold = await context.quotaHolds.insertOnce(released, { _id: holder });
	if (hold === released || hold.state === "released") return;
	const undone = await setState(context, holder, "taking", "released");
	if (undone) return undoTaking(context, undone);
	const releasing = await setState(context, holder, "held", "releasing");
	await finishRelease(context, releasing ?? (await context.quotaHolds.get(holder)));
}

/** The quotas by their ids; one that was never taken from is left out. */
export async function readQuotas(
	{ quotas }: Pick<QuotaContext, "quotas">,
	quotaIds: readonly string[]
): Promise<ReadonlyMap<string, Quota>> {
	if (!quotaIds.length) return new Map();
	const found = await quotas.find({ _id: { $in: quotaIds } }, { fields: ["used", "limit"] });
	return new Map(found.map(quota => [quota._id, quota]));
}

/** Sets the limit; resolves to null, or to the number in use where that is more. */
export async function setQuotaLimit(
	{ quotas }: Pick<QuotaContext, "quotas">,
	quotaId: string,
	limit: number | null
): Promise<number | null> {
	const quota = await quotas.rewrite(
		quotaId,
		({ used, version }) =>
			limit !== null && used > limit
				? null
				: { guard: { version }, update: { $set: { limit, version: version + 1 } } },
		{ initial: createQuota(quotaId) }
	);
	return limit !== null && quota.used > limit ? quota.used : null;
}

/** Finishes or undoes what was begun before `before` and never ended. */
export async function sweepQuotas(context: QuotaContext, before: Date): Promise<void> {
	const stale = await context.quotaHolds.find(
		{ state: { $in: ["taking", "releasing"] }, updatedAt: { $lt: before } },
		{ sort: { updatedAt: 1 }, limit: 200 }
	);
	for (const { _id } of stale) await releaseQuotas(context, _id);
	const unfinished = await context.quotas.find({ "inFlight.at": { $lt: before } }, { limit: 200 });
	for (const quota of unfinished)
		for (const { holder } of quota.inFlight.filter(({ at }) => at < before)) {
			const hold = await context.quotaHolds.findOne({ _id: holder });
			const change = { holder, quotaId: quota._id, units: 0, limit: null };
			if (hold?.state !== "held") await applyQuotaChange(context, { ...change, kind: "undo" });
			await applyQuotaChange(context, { ...change, kind: "drop" });
		}
}

async function finishRelease(context: QuotaContext, hold: QuotaHold): Promise<void> {
	if (hold.state !== "releasing") return;
	for (const claim of hold.claims)
		await applyQuotaChange(context, { holder: hold._id, kind: "release", ...claim });
	const released = await setState(context, hold._id, "releasing", "released");
	if (released) markFinished(context, released, "release");
}

async function undoTaking(context: QuotaContext, { _id: holder, claims }: QuotaHold): Promise<void> {
	for (const claim of claims) await applyQuotaChange(context, { holder, kind: "undo", ...claim });
}

const setState = (
	{ quotaHolds }: QuotaContext,
	_id: string,
	from: QuotaHold["state"],
	to: QuotaHold["state"]
): Promise<QuotaHold | null> =>
	quotaHolds.change({ _id, state: from }, { $set: { state: to, updatedAt: new Date() } });

/** Applies one change, together with others of its quota that wait, in one guarded write. */
async function applyQuotaChange(context: QuotaContext, change: QuotaChange): Promise<QuotaVerdict> {
	const verdicts = await changesByQuota.runBatched(context.quotas, change.quotaId, change, changes =>
		applyBatch(context, change.quotaId, changes)
	);
	return verdicts.get(`${change.holder} ${change.kind}`) ?? "stale";
}

/** Applies those of the changes that can be applied, in one guarded write. */
function applyBatch(
	{ quotas, quotaHolds }: QuotaContext,
	quotaId: string,
	changes: readonly QuotaChange[]
): Promise<Verdicts> {
	return quotas.retryConflicts(quotaId, async () => {
		// The quota is read before the holds: a change that is counted meanwhile fails the version.
		const stored = await quotas.findOne({ _id: quotaId });
		const quota = stored ?? createQuota(quotaId);
		const holds = await quotaHolds.find({ _id: { $in: changes.map(({ holder }) => holder) } });
		const finished = finishedChanges.get(quotas)?.get(quotaId);
		const counted = countQuotaChanges(quota, changes, holds, finished ?? new Set(), new Date());
		if (!counted.next) return counted.verdicts;
		if (!stored) await quotas.tryInsert(quota);
		const { used, inFlight } = counted.next;
		const written = await quotas.change(
			{ _id: quotaId, version: quota.version },
			{ $set: { used, inFlight, version: quota.version + 1 } }
		);
		if (!written) return null;
		for (const { id } of quota.inFlight) if (!inFlight.some(note => note.id === id)) finished?.delete(id);
		if (finished?.size === 0) finishedChanges.get(quotas)?.delete(quotaId);
		return counted.verdicts;
	});
}

function markFinished({ quotas }: QuotaContext, { _id, claims }: QuotaHold, kind: "take" | "release"): void {
	const byQuota = finishedChanges.get(quotas) ?? new Map<string, Set<string>>();
	finishedChanges.set(quotas, byQuota);
	for (const { quotaId } of claims) {
		const ids = byQuota.get(quotaId) ?? new Set<string>();
		byQuota.set(quotaId, ids.add(`${_id} ${kind}`));
	}
}
