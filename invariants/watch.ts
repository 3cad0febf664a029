import { setTimeout as pause } from "node:timers/promises";
import type { Collection, Doc } from "../infrastructure/documents/collection";
import { withLeaseIfFree, type Lease } from "../infrastructure/documents/lease";
import type { Logger } from "../infrastructure/log";
import type { Report } from "./check-invariants";
import { addCheck, pauseAfterCheckMs, type Known, type Violations } from "./confirmed";
import type { StockFigures } from "./stock.invariants";
import { logError } from "../infrastructure/log-codes";

/** The document of the shop's last check, by whichever process made it. */
export type LastCheck = Doc &
	Known & {
		readonly endedAt: Date;
		readonly ms: number;
		/** Null until all SKUs have been counted once; absent in a document of an older version. */
		readonly stock?: StockFigures | null;
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
/** When a process dies during a check, the others wait this long before one takes over. */
const LEASE_MS = 30_000;
/** A check by another process is seen within this time. */
const POLL_MS = 5_000;

/** Checks the invariants periodically, in one process of the shop at a time, and shows every process the last check. */
export class InvariantsWatch {
	private readonly aborting = new AbortController();
	private readonly running: Promise<void>;
	/** This process begins no check before this time: neither right at its start, nor too soon after a failed check. */
	private notBefore: number;

	constructor(private readonly options: WatchOptions) {
		this.notBefore = Date.now() + options.everyMs;
		this.running = this.run();
	}

	stop(): Promise<void> {
		this.aborting.abort();
		return this.running;
	}

	private async run(): Promise<void> {
		const { everyMs } = this.options;
		const { signal } = this.aborting;
		while (!signal.aborted) {
			const startedAt = Date.now();
			await this.poll().catch((err: unknown) => this.onFailure(err, Date.now() - startedAt));
			await pause(Math.min(POLL_MS, everyMs), undefined, { signal, ref: false }).catch(() => undefined);
		}
	}

	private onFailure(err: unknown, tookMs: number): void {
		if (this.aborting.signal.aborted) return;
		logError(this.options.logger, "INVARIANTS_NOT_CHECKED", { err });
		this.notBefore = Date.now() + pauseAfterCheckMs(this.options.everyMs, tookMs);
	}

	private async poll(): Promise<void> {
		const { collection, show } = this.options;
		let last = await this.readLast();
		if (this.isDue(last))
			last = await withLeaseIfFree(collection<Lease>(COLLECTION), LOCK, LEASE_MS, async assertHeld => {
				const before = await this.readLast();
				return this.isDue(before) ? this.check(before, assertHeld) : before;
			});
		if (last) show(last);
	}

	private readLast(): Promise<LastCheck | null> {
		return this.options.collection<LastCheck>(COLLECTION).findOne({ _id: LAST });
	}

	private isDue(last: LastCheck | null): boolean {
		const after = last ? last.endedAt.getTime() + pauseAfterCheckMs(this.options.everyMs, last.ms) : 0;
		return Date.now() >= Math.max(after, this.notBefore);
	}

	private async check(before: LastCheck | null, assertHeld: () => void): Promise<LastCheck> {
		const { ms, invariants, stock, left, failures } = await this.options.check(this.aborting.signal);
		const checked = invariants.filter(({ name }) => !left.includes(name));
		const now = Object.fromEntries(checked.map(({ name, violations }) => [name, violations]));
		const known = addCheck(before, now, left);
		const last = { endedAt: new Date(), ms, ...known, stock };
		assertHeld();
		const checks = this.options.collection<LastCheck>(COLLECTION);
		if (before) await checks.change({ _id: LAST }, { $set: last });
		else await checks.insert({ _id: LAST, ...last });
		this.logNew(before?.standing ?? {}, known.standing);
		if (failures.length)
			logError(this.options.logger, "INVARIANTS_NOT_CHECKED", { failures: failures.slice(0, 20) });
		return { _id: LAST, ...last };
	}

	/** Logs each violation once, when it has been confirmed. */
	private logNew(before: Violations, now: Violations): void {
		for (const [invariant, violations] of Object.entries(now)) {
			const logged = new Set(before[invariant]);
			const fresh = violations.filter(violation => !logged.has(violation));
			if (fresh.length)
				logError(this.options.logger, "INVARIANT_BROKEN", {
					invariant,
					count: fresh.length,
					violations: fresh.slice(0, 20)
				});
		}
	}
}
