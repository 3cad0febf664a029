import { setTimeout as pause } from "node:timers/promises";
import type { Report } from "./check-invariants";
import type { StockFigures } from "./invariants";
import type { Logger } from "../infrastructure/log";
import type { Collection, Doc } from "../infrastructure/documents/collection";
import { withLeaseIfFree, type Lease } from "../infrastructure/documents/lease";
import { pauseAfterCheckMs, confirmViolations, type Violations } from "./confirmed";

/** The last check of any process of the shop. */
export type LastCheck = Doc & {
	readonly endedAt: Date;
	readonly ms: number;
	readonly found: Violations;
	/** What the check before it had found as well. */
	readonly standing: Violations;
	/** Absent in what a version before it has left. */
	readonly stock?: StockFigures;
};
export type WatchOptions = {
	readonly everyMs: number;
	readonly collection: <T extends Doc>(name: string) => Collection<T>;
	readonly check: (signal: AbortSignal) => Promise<Report>;
	readonly show: (last: LastCheck) => void;
	readonly logger: Logger;
};

const COLLECTION = "invariant_checks";
const LAST = "last";
const LOCK = "lock";
/** A process that dies while it checks keeps the others waiting so long. */
const LEASE_MS = 30_000;
/** How soon another process's check is seen. */
const LOOK_EVERY_MS = 5_000;

/** Has the invariants checked again and again, by one process of the shop at a time, and shows each the last check's outcome. */
export class InvariantsWatch {
	private readonly ending = new AbortController();
	private readonly running: Promise<void>;
	/** Not right at the start, which has enough to do; and a check that failed comes round again no sooner than another. */
	private notBefore: number;

	constructor(private readonly options: WatchOptions) {
		this.notBefore = Date.now() + options.everyMs;
		this.running = this.run();
	}

	stop(): Promise<void> {
		this.ending.abort();
		return this.running;
	}

	private async run(): Promise<void> {
		const { everyMs } = this.options;
		const { signal } = this.ending;
		while (!signal.aborted) {
			const startedAt = Date.now();
			await this.look().catch((err: unknown) => this.failed(err, Date.now() - startedAt));
			await pause(Math.min(LOOK_EVERY_MS, everyMs), undefined, { signal, ref: false }).catch(
				() => undefined
			);
		}
	}

	private failed(err: unknown, tookMs: number): void {
		if (this.ending.signal.aborted) return;
		this.options.logger.error({ err }, "The invariants could not be checked");
		this.notBefore = Date.now() + pauseAfterCheckMs(this.options.everyMs, tookMs);
	}

	private async look(): Promise<void> {
		const { collection, show } = this.options;
		let last = await this.last();
		if (this.isDue(last))
			last = await withLeaseIfFree(collection<Lease>(COLLECTION), LOCK, LEASE_MS, async held => {
				const before = await this.last();
				return this.isDue(before) ? this.check(before, held) : before;
			});
		if (last) show(last);
	}

	private last(): Promise<LastCheck | null> {
		return this.options.collection<LastCheck>(COLLECTION).findOne({ _id: LAST });
	}

	private isDue(last: LastCheck | null): boolean {
		const after = last ? last.endedAt.getTime() + pauseAfterCheckMs(this.options.everyMs, last.ms) : 0;
		return Date.now() >= Math.max(after, this.notBefore);
	}

	private async check(before: LastCheck | null, held: () => void): Promise<LastCheck> {
		const { ms, invariants, stock } = await this.options.check(this.ending.signal);
		const found = Object.fromEntries(invariants.map(({ name, violations }) => [name, violations]));
		const outcome = {
			endedAt: new Date(),
			ms,
			found,
			standing: confirmViolations(before?.found ?? {}, found),
			stock
		};
		held();
		const checks = this.options.collection<LastCheck>(COLLECTION);
		if (before) await checks.change({ _id: LAST }, { $set: outcome });
		else await checks.insert({ _id: LAST, ...outcome });
		this.tell(before?.standing ?? {}, outcome.standing);
		return { _id: LAST, ...outcome };
	}

	/** Each violation once, when it is known to last. */
	private tell(before: Violations, now: Violations): void {
		for (const [invariant, violations] of Object.entries(now)) {
			const known = new Set(before[invariant]);
			const fresh = violations.filter(violation => !known.has(violation));
			if (fresh.length)
				this.options.logger.error(
					{ invariant, count: fresh.length, violations: fresh.slice(0, 20) },
					"An invariant of the shop is broken"
				);
		}
	}
}
