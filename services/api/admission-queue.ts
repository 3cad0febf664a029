import { Refusal } from "../../schemas/errors";

type Waiting = { readonly enter: () => void; readonly giveUp: NodeJS.Timeout };
type Work = <R>(work: () => Promise<R>) => Promise<R>;

/** How much the latest visit that ended counts for the pace: about the last twenty make it. */
const WEIGHT = 0.1;
/** The queue may soon move faster: what is sold out is refused in a fraction of the time. */
const LONGEST_RETRY_S = 5;

/**
 * Visits of so many at a time, the others in the order in which they came; who has been inside once goes before those who
 * have not. Who would wait longer than `patienceMs` in all, by the pace at which visits end, or has done so, is told to come
 * again after about as long as the queue is: under a rush everybody is answered in time, and what is under way does not run
 * into its own time-out.
 */
export class Admission {
	private inside = 0;
	private readonly arriving = new Set<Waiting>();
	private readonly returning = new Set<Waiting>();
	/** Between the ends of two visits while others waited. */
	private paceMs = 0;
	private endedAt: number | null = null;

	constructor(
		private readonly atOnce: number,
		private readonly patienceMs: number
	) {}

	/**
	 * A visit, which begins now and has two works; between them it takes no place. Each works when its turn comes, and refuses
	 * with SERVICE_UNAVAILABLE and `retryAfter` in seconds when it does not.
	 */
	visit(): { readonly arrive: Work; readonly finish: Work } {
		const until = performance.now() + this.patienceMs;
		return {
			arrive: async work => {
				await this.enter(this.arriving, until);
				return work().finally(() => this.leave());
			},
			finish: async work => {
				await this.enter(this.returning, until);
				return work().finally(() => {
					this.keepPace();
					this.leave();
				});
			}
		};
	}

	private async enter(queue: Set<Waiting>, until: number): Promise<void> {
		if (this.inside < this.atOnce) {
			this.inside++;
			return;
		}
		const leftMs = until - performance.now();
		if (leftMs < (queue === this.arriving ? this.waitMs() : 0)) throw this.refusal();
		await new Promise<void>((enter, refuse) => {
			const giveUp = setTimeout(() => {
				queue.delete(waiting);
				refuse(this.refusal());
			}, leftMs);
			const waiting = { enter, giveUp };
			queue.add(waiting);
		});
	}

	private waitMs = (): number => this.arriving.size * this.paceMs;

	private refusal(): Refusal {
		const retryAfter = Math.min(Math.max(Math.ceil(this.waitMs() / 1000), 1), LONGEST_RETRY_S);
		return new Refusal("SERVICE_UNAVAILABLE", "Too many at a time", { retryAfter });
	}

	private keepPace(): void {
		const now = performance.now();
		if (this.endedAt !== null) this.paceMs += WEIGHT * (now - this.endedAt - this.paceMs);
		this.endedAt = now;
	}

	/** The place goes to the first who waits. */
	private leave(): void {
		const queue = this.returning.size > 0 ? this.returning : this.arriving;
		const [next] = queue;
		if (!next) {
			this.inside--;
			this.endedAt = null;
			this.paceMs = 0; // of a rush that is over
			return;
		}
		queue.delete(next);
		clearTimeout(next.giveUp);
		next.enter();
	}
}
