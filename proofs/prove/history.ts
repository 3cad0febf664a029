/**
 * What clients did and were told, in Jepsen's sense: `ok` was promised and must be found, `refused` must have had no effect,
 * of `unknown` (a broken connection, a 5xx, a request still in progress) nobody knows, but it has one effect at most.
 */
export type Outcome = "ok" | "refused" | "unknown";

export type Attempted = {
	readonly paymentNo: string;
	readonly amount: number;
	/** What the emulated channel said when it was to take the money. */
	took: "no" | "yes" | "unknown";
};
export type RefundTry = { readonly reason: string; readonly outcome: Outcome };

/** An order that a buyer tried to place under one key. */
export type Placing = {
	readonly buyer: number;
	readonly key: string;
	readonly body: object;
	readonly skuId: string;
	readonly quantity: number;
	outcome: Outcome;
	id?: string;
	total?: number;
	/** The buyer was told that it is cancelled. */
	cancelled?: true;
	/** Staff tried to call it off, whatever they were told. */
	calledOff?: true;
	readonly payments: Attempted[];
	readonly refunds: RefundTry[];
};

export type Counted = { ok: number; refused: number; unknown: number; readonly ms: number[] };
export type Fault = { readonly what: string; readonly at: number; recoveredMs: number | null };

export class Ledger {
	readonly placings: Placing[] = [];
	readonly operations = new Map<string, Counted>();
	/** One for each second of the run. */
	readonly seconds: Record<Outcome, number>[] = [];
	readonly faults: Fault[] = [];
	/** Promises that were broken while clients looked. */
	readonly broken: string[] = [];
	private readonly startedAt = performance.now();
	private awaiting: { fault: Fault; since: number }[] = [];

	get ms(): number {
		return Math.round(performance.now() - this.startedAt);
	}

	count(operation: string, outcome: Outcome, ms: number): void {
		const counted = this.operations.get(operation) ?? { ok: 0, refused: 0, unknown: 0, ms: [] };
		this.operations.set(operation, counted);
		counted[outcome]++;
		counted.ms.push(ms);
		const second = Math.floor(this.ms / 1000);
		while (this.seconds.length <= second) this.seconds.push({ ok: 0, refused: 0, unknown: 0 });
		const now = this.seconds[second];
		if (now) now[outcome]++;
		if (operation === "order" && outcome === "ok") this.recovered();
	}

	/** A fault has begun; `healed` is called once what it broke is back. */
	struck(what: string): { healed: () => void } {
		const fault: Fault = { what, at: this.ms, recoveredMs: null };
		this.faults.push(fault);
		return { healed: () => this.awaiting.push({ fault, since: performance.now() }) };
	}

	total(outcome: Outcome): number {
		return [...this.operations.values()].reduce((sum, counted) => sum + counted[outcome], 0);
	}

	private recovered(): void {
		for (const { fault, since } of this.awaiting)
			fault.recoveredMs = Math.round(performance.now() - since);
		this.awaiting = [];
	}
}
