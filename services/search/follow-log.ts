import type { FactLog } from "../../mixins/facts.mixin";
import type { CatalogueIndex } from "./catalogue-index";
import { decideEffect } from "./fact-effects.domain";
import type { RefreshQueue } from "./refresh-queue.domain";

const LOG_PAGE = 500;

type Followed = {
	/** The indexes that get levels of stock at once: the one in use, and the one under construction. */
	readonly listIndexes: () => readonly CatalogueIndex[];
	/** Called when levels have changed, so that lists may have. */
	readonly announce: () => void;
	/** Called when the log lacks facts since the last read. */
	readonly onGap: () => void;
	readonly hasStopped: () => boolean;
};

/** Reads the log of facts, queues what they make due to be read anew, and passes levels of stock on. */
export class LogFollower {
	/** Up to where facts have been read; null before the first read. */
	position: string | null = null;
	/** The number of that position in the log. */
	seq = 0;
	/** How many facts were still unread at the last read. */
	behind = 0;

	constructor(
		private readonly log: Pick<FactLog, "readLog">,
		private readonly queue: RefreshQueue,
		private readonly followed: Followed
	) {}

	/** Reads all facts since the last call. */
	async readNewFacts(): Promise<void> {
		for (;;) {
			const { facts, position, seq, gap, behind } = await this.log.readLog(this.position, LOG_PAGE);
			if (gap) this.followed.onGap();
			this.position = position;
			this.seq = seq;
			this.behind = behind;
			for (const { event, payload } of facts) this.apply(decideEffect(event, payload));
			if (facts.some(({ event }) => event === "stock.level_changed")) this.followed.announce();
			if (behind === 0 || this.followed.hasStopped()) return;
		}
	}

	private apply({ refresh, refreshLater, names, synonyms, level }: ReturnType<typeof decideEffect>): void {
		for (const id of refresh ?? []) this.queue.add(id);
		for (const id of refreshLater ?? []) this.queue.addLater(id);
		if (names) this.queue.areNamesDue = true;
		if (synonyms) this.queue.areSynonymsDue = true;
		if (!level) return;
		const isSeen = this.followed.listIndexes().map(index => index.setLevel(level));
		if (isSeen.includes(false)) this.queue.add(level.productId);
	}
}
