import { Refusal } from "../../schemas/errors/errors";

type RunPhase = <R>(work: () => Promise<R>) => Promise<R>;
type Waiter = { readonly admit: () => void; readonly timer: NodeJS.Timeout };

/** Weight of the latest request in the average pace (exponential smoothing): about the last twenty requests count. */
const PACE_WEIGHT = 0.1;
/** Cap of Retry-After: once the item sells out, requests end much faster than the measured pace. */
const MAX_RETRY_AFTER_S = 5;

/**
 * Admission control of one route. A request has two phases, each of which runs under a permit; at most `permits` phases run
 * at a time. Others wait in FIFO order, those in their second phase first. A request whose expected wait exceeds
 * `maxWaitMs`, or that has waited so long, is refused with SERVICE_UNAVAILABLE and a `retryAfter` of about the queue's
 * length. Under a rush every client therefore gets an answer in time, and admitted requests do not meet their time-out.
 */
export class AdmissionQueue {
	private running = 0;
	private readonly firstPhase = new Set<Waiter>();
	private readonly secondPhase = new Set<Waiter>();
	/** Average time between the ends of two requests while others waited. */
	private paceMs = 0;
	private lastEndAt: number | null = null;

	constructor(
		private readonly permits: number,
		private readonly maxWaitMs: number
	) {}

	/** Registers a request; its wait counts from now, over both phases. It holds no permit between them. */
	register(): { readonly runFirstPhase: RunPhase; readonly runSecondPhase: RunPhase } {
		const deadline = performance.now() + this.maxWaitMs;
		return {
			runFirstPhase: async work => {
				await this.acquirePermit(this.firstPhase, deadline);
				return work().finally(() => this.releasePermit());
			},
			runSecondPhase: async work => {
				await this.acquirePermit(this.secondPhase, deadline);
				return work().finally(() => {
					this.measurePace();
					this.releasePermit();
				});
			}
		};
	}

	private async acquirePermit(queue: Set<Waiter>, deadline: number): Promise<void> {
		if (this.running < this.permits) {
			this.running++;
			return;
		}
		const remainingMs = deadline - performance.now();
		if (remainingMs < (queue === this.firstPhase ? this.expectedWaitMs() : 0)) throw this.refusal();
		await new Promise<void>((admit, refuse) => {
			const timer = setTimeout(() => {
				queue.delete(waiter);
				refuse(this.refusal());
			}, remainingMs);
			const waiter = { admit, timer };
			queue.add(waiter);
		});
	}

	private expectedWaitMs = (): number => this.firstPhase.size * this.paceMs;

	private refusal(): Refusal {
		const seconds = Math.ceil(this.expectedWaitMs() / 1000);
		const retryAfter = Math.min(Math.max(seconds, 1), MAX_RETRY_AFTER_S);
		return new Refusal("SERVICE_UNAVAILABLE", "The route's queue is full", { retryAfter });
	}

	private measurePace(): void {
		const now = performance.now();
		if (this.lastEndAt !== null) this.paceMs += PACE_WEIGHT * (now - this.lastEndAt - this.paceMs);
		this.lastEndAt = now;
	}

	/** Hands the permit to the first waiter. Without one the rush is over, so its pace is forgotten. */
	private releasePermit(): void {
		const queue = this.secondPhase.size > 0 ? this.secondPhase : this.firstPhase;
		const [next] = queue;
		if (!next) {
			this.running--;
			this.lastEndAt = null;
			this.paceMs = 0;
			return;
		}
		queue.delete(next);
		clearTimeout(next.timer);
		next.admit();
	}
}
