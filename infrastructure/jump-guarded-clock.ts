import { MAX_CLOCK_SKEW_MS } from "../schemas/values/clock-skew";

/** A forward jump that lasts this long is taken for the right time: a clock set wrong by mistake is corrected sooner. */
const ACCEPT_JUMP_AFTER_MS = 10 * 60_000;

/**
 * A wall clock for decisions that can't be taken back, such as cancelling every order past its deadline. When the machine's
 * clock jumps ahead by more than MAX_CLOCK_SKEW_MS, this one goes on at its old pace until the jump has lasted ten minutes. Smaller
 * corrections and jumps back are followed at once.
 */
export class JumpGuardedClock {
	/** Accepted offset of the wall clock from the monotonic clock, in ms. */
	private offset: number;
	private jumpedAt: number | null = null;
	private unreportedJumpMs = 0;

	constructor(
		private readonly wall: () => number = Date.now,
		private readonly monotonic: () => number = () => performance.now()
	) {
		this.offset = wall() - monotonic();
	}

	now(): Date {
		const monotonic = this.monotonic();
		const offset = this.wall() - monotonic;
		const jumped = offset - this.offset > MAX_CLOCK_SKEW_MS;
		if (jumped && this.jumpedAt === null) {
			this.jumpedAt = monotonic;
			this.unreportedJumpMs = offset - this.offset;
		}
		if (!jumped || monotonic - (this.jumpedAt ?? monotonic) >= ACCEPT_JUMP_AFTER_MS) {
			this.offset = offset;
			this.jumpedAt = null;
		}
		return new Date(monotonic + this.offset);
	}

	/** How far the machine's clock has jumped ahead, in ms; each jump is reported once, and otherwise 0. */
	takeReportedJumpMs(): number {
		this.now();
		const jumpMs = this.unreportedJumpMs;
		this.unreportedJumpMs = 0;
		return jumpMs;
	}
}

/** The clock of this process. */
export const jumpGuardedClock = new JumpGuardedClock();
