/**
 * Outcome of a client's operation, as in Jepsen: `ok` must be found afterwards, `refused` must have had no effect,
 * `unknown` (a broken connection, a 5xx, a request still in progress) had one effect at most.
 */
export type Outcome = "ok" | "refused" | "unknown";

export type PaymentAttempt = {
	readonly paymentNo: string;
	readonly amount: number;
	/** Whether the emulated channel said that it took the money. */
	taken: "no" | "yes" | "unknown";
};
export type RefundAttempt = { readonly reason: string; readonly outcome: Outcome };

/** An order that a buyer tried to place under one key. */
export type OrderAttempt = {
	readonly buyer: number;
	readonly key: string;
	readonly body: object;
	readonly skuId: string;
	readonly quantity: number;
	outcome: Outcome;
	id?: string;
	total?: number;
	/** The buyer was told that the order is cancelled. */
	cancelled?: true;
	/** Staff tried to cancel the order, whatever the answer. */
	adminCancelled?: true;
	readonly payments: PaymentAttempt[];
	readonly refunds: RefundAttempt[];
};

export type OperationStats = { ok: number; refused: number; unknown: number; readonly ms: number[] };
export type Fault = { readonly what: string; readonly at: number; recoveredMs: number | null };

export class History {
	readonly orderAttempts: OrderAttempt[] = [];
	/** Cases that their buyers were told of. */
	readonly caseIds: string[] = [];
	readonly operations = new Map<string, OperationStats>();
	/** Operations by outcome, for each second of the run. */
	readonly seconds: Record<Outcome, number>[] = [];
	readonly faults: Fault[] = [];
	/** Broken promises that were seen while buyers traded. */
	readonly brokenPromises: string[] = [];
	private readonly startedAt = performance.now();
	private faultsWithoutOrder: { fault: Fault; since: number }[] = [];

	get elapsedMs(): number {
		return Math.round(performance.now() - this.startedAt);
	}

	recordOperation(operation: string, outcome: Outcome, ms: number): void {
		const counted = this.operations.get(operation) ?? { ok: 0, refused: 0, unknown: 0, ms: [] };
		this.operations.set(operation, counted);
		counted[outcome]++;
		counted.ms.push(ms);
		const second = Math.floor(this.elapsedMs / 1000);
		while (this.seconds.length <= second) this.seconds.push({ ok: 0, refused: 0, unknown: 0 });
		const now = this.seconds[second];
		if (now) now[outcome]++;
		if (operation === "order" && outcome === "ok") this.recordRecovery();
	}

	/** Records the start of a fault; call `ended` once the broken part is back. */
	recordFault(what: string): { ended: () => void } {
		const fault: Fault = { what, at: this.elapsedMs, recoveredMs: null };
		this.faults.push(fault);
		return { ended: () => this.faultsWithoutOrder.push({ fault, since: performance.now() }) };
	}

	total(outcome: Outcome): number {
		return [...this.operations.values()].reduce((sum, counted) => sum + counted[outcome], 0);
	}

	private recordRecovery(): void {
		for (const { fault, since } of this.faultsWithoutOrder)
			fault.recoveredMs = Math.round(performance.now() - since);
		this.faultsWithoutOrder = [];
	}
}
