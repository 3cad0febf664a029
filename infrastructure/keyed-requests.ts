import { createHash } from "node:crypto";
import { describeCode, isRefusalType, type RefusalType } from "../schemas/errors/error-codes";
import { isRefusal, Refusal } from "../schemas/errors/errors";
import type { Ctx } from "../schemas/kit/service";
import { DAY_MS } from "../schemas/values/durations";
import { settings } from "../settings";
import type { Index } from "./documents/collection";
import type { Store } from "./documents/store";

/** A refusal that is the first answer under an idempotency key. */
export type StoredRefusal = {
	/** The key, with its user. */
	readonly _id: string;
	readonly fingerprint: string;
	readonly type: RefusalType;
	readonly message: string;
	readonly data: unknown;
	/** When the key is free again. */
	readonly expiresAt: Date;
};

/** Indexes of a collection of stored refusals. */
export const REFUSAL_INDEXES: readonly Index[] = [{ keys: { expiresAt: 1 } }];

/** The answer of a repeated request is marked by this header. */
const REPLAYED = { "Idempotency-Replayed": "true" };

/** One request under an idempotency key. `fingerprint` is a hash of its content. */
export type KeyedRequest = { readonly key: string; readonly fingerprint: string };

/** Hash of a request's content. It is stored: another way to hash would refuse repetitions of earlier requests. */
export const hashContent = (content: object): string =>
	createHash("sha256")
		.update(JSON.stringify(Object.entries(content).sort()))
		.digest("base64url");

type KeyedWork<R> = {
	/** Finds the answer that the key's effect had; refuses a request with other content. Null: there is no effect yet. */
	readonly find: () => Promise<R | null>;
	readonly run: () => Promise<R>;
};

/** A request that runs in this process. Its caller waits until `deadline`, by `performance.now()`. */
type Running = { readonly fingerprint: string; readonly deadline: number };
const runningByStore = new WeakMap<object, Map<string, Running>>();

/**
 * Runs a keyed request whose effect is stored under its key, in a unique index: no claim has to be written first. A repetition
 * gets the first answer, be it the effect's or a refusal by the shop's rules (404, 409), and is marked as replayed. Refuses
 * with IDEMPOTENCY_IN_PROGRESS while the first one runs in this process and its caller waits, with IDEMPOTENCY_KEY_REUSED for
 * other content.
 */
export async function runKeyed<R>(
	refusals: Store<StoredRefusal>,
	ctx: Ctx<unknown>,
	{ key, fingerprint }: KeyedRequest,
	{ find, run }: KeyedWork<R>
): Promise<R> {
	const running = runningByStore.get(refusals) ?? new Map<string, Running>();
	runningByStore.set(refusals, running);
	const other = running.get(key);
	if (other && other.deadline > performance.now())
		throw other.fingerprint === fingerprint
			? new Refusal("IDEMPOTENCY_IN_PROGRESS", "The first request still runs")
			: keyReused();
	const own = {
		fingerprint,
		deadline: performance.now() + (ctx.options.timeout ?? settings.requestTimeoutMs)
	};
	running.set(key, own);
	try {
		const [found, refusal] = await Promise.all([find(), refusals.findOne({ _id: key })]);
		if (found !== null) return markReplayed(ctx, found);
		if (refusal && refusal.expiresAt > new Date()) throw replayRefusal(ctx, refusal, fingerprint);
		return await run().catch(async (err: unknown) => {
			await storeRefusal(refusals, { key, fingerprint }, err);
			throw err;
		});
	} finally {
		if (running.get(key) === own) running.delete(key);
	}
}

export const keyReused = (): Refusal =>
	new Refusal("IDEMPOTENCY_KEY_REUSED", "The key came with another request");

/** Deletes the refusals whose keys are free again. */
export const removeExpiredRefusals = (refusals: Store<StoredRefusal>): Promise<number> =>
	refusals.remove({ expiresAt: { $lte: new Date() } });

function markReplayed<R>(ctx: Ctx<unknown>, answer: R): R {
	ctx.meta.$responseHeaders = { ...ctx.meta.$responseHeaders, ...REPLAYED };
	return answer;
}

function replayRefusal(ctx: Ctx<unknown>, refusal: StoredRefusal, fingerprint: string): Refusal {
	if (refusal.fingerprint !== fingerprint) return keyReused();
	const { type, message, data } = refusal;
	return markReplayed(ctx, Refusal.restore(type, message, data));
}

/** Stores a refusal by the shop's rules. After any other error a repetition may end differently, so that nothing is stored. */
async function storeRefusal(
	refusals: Store<StoredRefusal>,
	{ key, fingerprint }: KeyedRequest,
	err: unknown
): Promise<void> {
	if (!(err instanceof Error) || !("type" in err) || !isRefusalType(err.type)) return;
	const { status } = describeCode(err.type);
	if ((status !== 404 && status !== 409) || isRefusal(err, "IDEMPOTENCY_IN_PROGRESS")) return;
	const refusal: StoredRefusal = {
		_id: key,
		fingerprint,
		type: err.type,
		message: err.message,
		data: "data" in err ? (err.data ?? null) : null,
		expiresAt: new Date(Date.now() + DAY_MS)
	};
	const stored = await refusals.insertOnce(refusal, { _id: key });
	// A refusal that has expired and was not removed yet makes room for the new one.
	if (stored !== refusal && stored.expiresAt <= new Date())
		await refusals.change({ _id: key, expiresAt: stored.expiresAt }, { $set: { ...refusal } });
}
