import type { FactsTransport, StoredFact } from "../facts/transport";
import type { Logger } from "../log";
import type { Collection, Doc, Index } from "./collection";
import { MAX_CLOCK_SKEW_MS } from "../../schemas/clock-skew";

/** The facts that a document has to tell yet, in its own fields, so that they are stored exactly when its change is. */
export type WithOutbox = Doc & { readonly outbox?: readonly StoredFact[]; readonly outboxAt?: Date };

/** By which the sweep finds them. */
export const OUTBOX_INDEX: Index = { keys: { outboxAt: 1 }, sparse: true };

const SWEEP_EVERY_MS = 2_000;
/** Younger ones are on their way already. */
const OVERDUE_AFTER_MS = 3_000;
const PAGE = 200;

/**
 * Takes facts from documents to the transport: at once after the write, and by a sweep what a crash or an outage left.
 * A fact is cleared only after the transport has stored it; told twice, it has the same id.
 */
export class Outbox {
	private timer: NodeJS.Timeout | undefined;
	private closed = false;
	private readonly running = new Set<Promise<void>>();

	constructor(
		private readonly documents: Collection<WithOutbox>,
		private readonly facts: Pick<FactsTransport, "publish">,
		private readonly logger: Logger
	) {}

	/** From now on sweeps what was left behind. */
	startSweeping(): void {
		const sweep = async () => {
			await this.track(this.sweep());
			this.timer = setTimeout(() => void sweep(), SWEEP_EVERY_MS).unref();
		};
		this.timer = setTimeout(() => void sweep(), 100).unref();
	}

	/** Relays in the background: the change is stored already, its caller need not wait. */
	relay(doc: WithOutbox): void {
		if (doc.outbox?.length) void this.track(this.drain(doc));
	}

	async close(): Promise<void> {
		this.closed = true;
		clearTimeout(this.timer);
		await Promise.all(this.running);
		clearTimeout(this.timer);
	}

	private async drain(doc: WithOutbox): Promise<void> {
		for (let next: WithOutbox | null = doc; next?.outbox?.length;) {
			await this.facts.publish(next.outbox);
			// Only exactly what was published goes: facts that came meanwhile make the guard fail, and go next.
			const cleared: WithOutbox | null = await this.documents.change(
				{ _id: next._id, "outbox.0.id": next.outbox[0]?.id, outbox: { $size: next.outbox.length } },
				{ $unset: { outbox: "", outboxAt: "" } }
			);
			next = cleared ? null : await this.documents.findOne({ _id: next._id });
		}
	}

	/** Page by page, so that what a long outage left is told in one go; one that can't be told keeps no other back. */
	private async sweep(): Promise<void> {
		const before = new Date(Date.now() - OVERDUE_AFTER_MS);
		const wrong = new Date(Date.now() + MAX_CLOCK_SKEW_MS);
		for (let size = PAGE; size === PAGE && !this.closed;) {
			const left = await this.documents.find(
				{ $or: [{ outboxAt: { $lt: before } }, { outboxAt: { $gt: wrong } }] },
				{ sort: { outboxAt: 1 }, limit: PAGE }
			);
			const outcomes = await Promise.allSettled(left.map(doc => this.drain(doc)));
			const failed = outcomes.find(({ status }) => status === "rejected");
			if (failed?.status === "rejected") throw failed.reason;
			size = left.length;
		}
	}

	/** A failure stays in the document and is swept later: it is logged, never thrown at a caller whose write stands. */
	private track(work: Promise<void>): Promise<void> {
		const tracked = work
			.catch((err: unknown) => this.logger.warn({ err }, "Facts wait in their outbox"))
			.finally(() => this.running.delete(tracked));
		this.running.add(tracked);
		return tracked;
	}
}
