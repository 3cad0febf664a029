import { MAX_CLOCK_SKEW_MS } from "../schemas/skew";

/** Whoever set it wrong has set it right again by then, or it was right. */
const BELIEVED_AFTER_MS = 10 * 60_000;

/**
 * The time for what can't be taken back, such as calling off all that is past a deadline: where the machine's clock jumps
 * ahead by more than clocks may differ, this one goes on as before until the jump has lasted ten minutes.
 */
export class JumpGuardedClock {
	/** What the wall says more than the ticks, as far as it is believed. */
	private offset: number;
	private jumpedAt: number | null = null;
	private untold = 0;

	constructor(
		private readonly wall: () => number = Date.now,
		private readonly ticks: () => number = () => performance.now()
	) {
		this.offset = wall() - ticks();
	}

	now(): Date {
		const ticks = this.ticks();
		const offset = this.wall() - ticks;
		const jumped = offset - this.offset > MAX_CLOCK_SKEW_MS;
		if (jumped && this.jumpedAt === null) {
			this.jumpedAt = ticks;
			this.untold = offset - this.offset;
		}
		if (!jumped || ticks - (this.jumpedAt ?? ticks) >= BELIEVED_AFTER_MS) {
			this.offset = offset;
			this.jumpedAt = null;
		}
		return new Date(ticks + this.offset);
	}

	/** By how many ms the machine's clock has jumped ahead, told once for each jump; else 0. */
	takeReportedJumpMs(): number {
		this.now();
		const { untold } = this;
		this.untold = 0;
		return untold;
	}
}

/** Of this process. */
export const jumpGuardedClock = new JumpGuardedClock();
