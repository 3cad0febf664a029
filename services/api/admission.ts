import { Refusal } from "../../schemas/errors";

type Waiting = { readonly enter: () => void; readonly giveUp: NodeJS.Timeout };

/** How much the latest place that came free counts for the pace: about the last twenty make it. */
const WEIGHT = 0.1;
/** The queue may soon move faster: what is sold out is refused in a fraction of the time. */
const LONGEST_RETRY_S = 5;

/**
 * So many at a time, the others in the order in which they came. Who would wait longer than `patienceMs`, by the pace at which
 * places come free, or has done so, is told to come again after about as long as the queue is: under a rush everybody is
 * answered in time, and what is under way does not run into its own time-out.
 */
export class Admission {
	private inside = 0;
	private readonly waiting = new Set<Waiting>();
	/** Between two places that came free while others waited. */
	private paceMs = 0;
	private freedAt: number | null = null;

	constructor(
		private readonly atOnce: number,
		private readonly patienceMs: number
	) {}

	/** Works when its turn comes; refuses with SERVICE_UNAVAILABLE and `retryAfter` in seconds when it does not. */
	async admit<R>(work: () => Promise<R>): Promise<R> {
		if (this.inside < this.atOnce) this.inside++;
		else await this.turn();
		try {
			return await work();
		} finally {
			this.leave();
		}
	}

	private turn(): Promise<void> {
		if (this.waitMs() > this.patienceMs) throw this.refusal();
		return new Promise((enter, refuse) => {
			const giveUp = setTimeout(() => {
				this.waiting.delete(waiting);
				refuse(this.refusal());
			}, this.patienceMs);
			const waiting = { enter, giveUp };
			this.waiting.add(waiting);
		});
	}

	private waitMs = (): number => this.waiting.size * this.paceMs;

	private refusal(): Refusal {
		const retryAfter = Math.min(Math.max(Math.ceil(this.waitMs() / 1000), 1), LONGEST_RETRY_S);
		return new Refusal("SERVICE_UNAVAILABLE", "Too many at a time", { retryAfter });
	}

	/** The place goes to the first who waits. */
	private leave(): void {
		const [next] = this.waiting;
		if (!next) {
			this.inside--;
			this.freedAt = null;
			this.paceMs = 0; // of a rush that is over
			return;
		}
		const now = performance.now();
		if (this.freedAt !== null) this.paceMs += WEIGHT * (now - this.freedAt - this.paceMs);
		this.freedAt = now;
		this.waiting.delete(next);
		clearTimeout(next.giveUp);
		next.enter();
	}
}
