import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "../../mixins/platform";
import { loadProducts, readWords, spellWords, type Building, type IndexSource } from "./build-index";
import { scanVersion } from "./checkpoints.domain";
import type { CatalogueIndex, IndexStore } from "./catalogue-index";
import type { LogFollower } from "./follow-log";

const RETRY_MS = 1000;
/** From this size on pinyin is prepared with the index; below, at the first query that may be pinyin, to save its memory. */
const EAGER_PINYIN_FROM = 2000;

type Rebuilt = {
	/** Whether the index in use understands queries in pinyin. */
	readonly knowsPinyin: () => boolean;
	readonly putIntoUse: (index: CatalogueIndex) => Promise<void>;
	/** Called when another process has built an index meanwhile. */
	readonly onBuiltElsewhere: () => void;
	/** Called when a rebuild has ended, well or not. */
	readonly onEnd: () => void;
};

/** Builds a new index beside the one in use. */
export class IndexRebuilder {
	/** A rebuild is wanted; the next call of `startIfWanted` begins it unless one is under way. */
	isWanted = true;
	/** The index under construction. */
	building: Building | null = null;
	private running: Promise<void> | undefined;

	constructor(
		private readonly indexes: IndexStore,
		private readonly source: IndexSource,
		private readonly follower: LogFollower,
		private readonly rebuilt: Rebuilt,
		private readonly logger: Logger,
		private readonly stopping: AbortSignal
	) {}

	startIfWanted(): void {
		if (!this.isWanted || this.running) return;
		this.isWanted = false;
		this.running = this.rebuild()
			.catch(async (err: unknown) => {
				if (this.stopping.aborted) return;
				this.logger.warn({ err }, "The search index could not be built; trying again");
				await pauseUnlessStopped(RETRY_MS, this.stopping);
				this.isWanted = true;
			})
			.finally(() => {
				this.building = null;
				this.running = undefined;
				this.rebuilt.onEnd();
			});
	}

	/** Resolves when no rebuild is under way. */
	async waitForEnd(): Promise<void> {
		await this.running;
	}

	private async rebuild(): Promise<void> {
		const startedAt = performance.now();
		const { position, seq } = this.follower;
		const hasStopped = () => this.stopping.aborted;
		const index = await this.indexes.create();
		if (!index) {
			this.rebuilt.onBuiltElsewhere();
			this.isWanted = true;
			return;
		}
		const building = { index, refreshed: new Set<string>() };
		this.building = building;
		await readWords(this.source, index);
		await loadProducts(this.source, building, scanVersion(seq), hasStopped);
		if (index.size >= EAGER_PINYIN_FROM || this.rebuilt.knowsPinyin())
			await spellWords(index.words, hasStopped);
		if (hasStopped()) return;
		await this.indexes.activate(index, position ?? "");
		await this.rebuilt.putIntoUse(index);
		const seconds = Math.round(performance.now() - startedAt) / 1000;
		this.logger.debug({ products: index.size, seconds }, "The search index is complete");
	}
}

/** Waits for `ms`, or until the signal is aborted. */
export const pauseUnlessStopped = (ms: number, signal: AbortSignal): Promise<void> =>
	pause(ms, undefined, { signal }).catch(() => undefined);
