import { Refusal } from "../../schemas/errors";

type Waiting = { readonly enter: () => void; readonly giveUp: NodeJS.Timeout };

/**
 * So many at a time, the others in the order in which they came. Who has waited for `patienceMs` is told to come again: under
 * a rush everybody is answered in time, and what is under way does not run into its own time-out.
 */
export class Admission {
	private inside = 0;
	private readonly waiting = new Set<Waiting>();

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
		return new Promise((enter, refuse) => {
			const giveUp = setTimeout(() => {
				this.waiting.delete(waiting);
				refuse(new Refusal("SERVICE_UNAVAILABLE", "Too many at a time", { retryAfter: 1 }));
			}, this.patienceMs);
			const waiting = { enter, giveUp };
			this.waiting.add(waiting);
		});
	}

	/** The place goes to the first who waits. */
	private leave(): void {
		const [next] = this.waiting;
		if (!next) {
			this.inside--;
			return;
		}
		this.waiting.delete(next);
		clearTimeout(next.giveUp);
		next.enter();
	}
}
