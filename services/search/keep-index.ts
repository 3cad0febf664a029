import { setTimeout as pause } from "node:timers/promises";
import type { FactLog } from "../../mixins/facts.mixin";
import type { Logger } from "../../mixins/platform";
import { IndexMissing, type CatalogueIndex, type IndexStore } from "./catalogue-index";
import { loadProducts, spellWords, type Building, type IndexSource } from "./build-index";
import { decideEffect } from "./fact-effects.domain";
import type { CatalogueWords } from "./index/catalogue-words.domain";
import { RefreshQueue } from "./refresh-queue.domain";
import { changeVersion, Checkpoints, scanVersion } from "./checkpoints.domain";
import { Waiters } from "./waiters";

const POLL_MS = 200;
/** Within this time the service that owns products has handled a fact of others too. */
const LATER_MS = 10_000;
const LOG_PAGE = 500;
const REFRESH_BATCH = 100;
const RETRY_MS = 1000;
/** From this size on pinyin is prepared with the index; below, at the first query that may be pinyin, to save its memory. */
const EAGER_PINYIN_FROM = 2000;

/**
 * Loads the index, follows the log of facts, and rebuilds the index after a gap, after many changes or on demand. Takes only
 * product ids from facts and reads those products again, so late and repeated facts do no harm. Stock levels come with their
 * fact, by version. In a search engine every process fills the same index; the engine refuses older readings.
 */
export class IndexKeeper {
	private live: CatalogueIndex | null = null;
	private building: Building | null = null;
	private builtAt: Date | null = null;
	private position: string | null = null;
	/** The number in the log up to which facts have been read. */
	private seq = 0;
	private behind = 0;
	private opened = false;
	private readonly checkpoints = new Checkpoints();
	private saving: Promise<void> | undefined;
	private namesChanged = false;
	private synonymsChanged = false;
	private rebuildWanted = true;
	private readonly queue = new RefreshQueue();
	private advanceAt = 0;
	private running: Promise<void> | undefined;
	private rebuilding: Promise<void> | undefined;
	private preparingPinyin: Promise<void> | undefined;
	private wake: () => void = () => undefined;
	private readonly indexWaiters = new Waiters();
	private readonly refreshWaiters = new Waiters();
	private refreshing = false;

	constructor(
		private readonly indexes: IndexStore,
		private readonly source: IndexSource,
		private readonly log: Pick<FactLog, "readLog">,
		/** Tells the gateways that lists may have changed. */
		private readonly announce: () => void,
		private readonly logger: Logger,
		/** Aborted by `stop`. */
		private readonly stopping = new AbortController()
	) {}

	start(): void {
		this.running ??= this.run();
	}

	async stop(): Promise<void> {
		this.stopping.abort();
		this.wake();
		this.indexWaiters.release();
		await Promise.all([this.running, this.rebuilding, this.preparingPinyin]);
	}

	/** The index in use; null until the first one is complete. */
	get index(): CatalogueIndex | null {
		return this.live;
	}

	/** The index as soon as there is one; null after `ms` without. */
	async waitForIndex(ms: number): Promise<CatalogueIndex | null> {
		if (!this.live && !this.isStopping()) await this.indexWaiters.wait(ms);
		return this.live;
	}

	/** Resolves when the products that are known to have changed are in the index, or after `ms`: a writer finds what he wrote. */
	async waitForRefresh(ms: number): Promise<void> {
		if (this.queue.dueCount === 0 && !this.refreshing) return;
		await this.refreshWaiters.wait(ms);
	}

	/** Builds a new index beside the one in use. */
	requestRebuild(): void {
		this.rebuildWanted = true;
		this.wake();
	}

	/** Reads the products anew soon: something tells that they have changed. */
	refresh(productIds: Iterable<string>): void {
		for (const id of productIds) this.queue.add(id);
		this.wake();
	}

	/** Of the process: how far behind is as of the last poll. */
	status() {
		return {
			products: this.live?.size ?? 0,
			behind: this.behind + this.queue.dueCount,
			builtAt: this.builtAt,
			rebuilding: this.building !== null,
			bytes: this.live?.bytes ?? 0
		};
	}

	/** Lets queries in pinyin be understood, which is prepared at the first need. */
	async preparePinyin(words: CatalogueWords): Promise<void> {
		if (words.vocabulary.knowsPinyin && !this.preparingPinyin) return;
		this.preparingPinyin ??= spellWords(words, () => this.isStopping()).finally(
			() => (this.preparingPinyin = undefined)
		);
		await this.preparingPinyin;
	}

	private isStopping(): boolean {
		return this.stopping.signal.aborted;
	}

	private async run(): Promise<void> {
		while (!this.isStopping()) {
			try {
				if (!this.opened) await this.openIndex();
				await this.followLog();
				if (this.rebuildWanted && !this.rebuilding) this.startRebuild();
				if (performance.now() >= this.advanceAt) {
					this.queue.advance();
					this.advanceAt = performance.now() + LATER_MS / 2;
					await this.applyChanges();
					this.saveCheckpoint();
				} else await this.applyChanges();
				await this.sleep(POLL_MS);
			} catch (err) {
				if (this.isStopping()) return;
				if (err instanceof IndexMissing) this.rebuildWanted = true;
				this.logger.warn({ err }, "The search index can't follow the catalogue; trying again");
				await this.sleepUnlessStopped(RETRY_MS);
			}
		}
	}

	private async sleep(ms: number): Promise<void> {
		const woken = new Promise<void>(resolve => (this.wake = resolve));
		if (this.queue.dueCount > 0 || this.isStopping()) return;
		const timer = new AbortController();
		await Promise.race([woken, pause(ms, undefined, { signal: timer.signal })]).catch(() => undefined);
		timer.abort();
	}

	/** Goes on with an index that is in use already, from where it was left. */
	private async openIndex(): Promise<void> {
		const found = await this.indexes.open();
		if (found) {
			await this.putIntoUse(found.index, found.builtAt);
			this.position = found.position;
			this.rebuildWanted = false;
		}
		this.opened = true;
	}

	/** Saves in the background how far the index has come; searches do not wait for it. */
	private saveCheckpoint(): void {
		const position = this.position === null ? undefined : this.checkpoints.add(this.position);
		if (position === undefined || !this.live || this.saving) return;
		this.saving = this.indexes
			.savePosition(position)
			.catch((err: unknown) =>
				this.logger.debug({ err }, "The position of the search index was not noted")
			)
			.finally(() => (this.saving = undefined));
	}

	private async putIntoUse(index: CatalogueIndex, builtAt = new Date()): Promise<void> {
		await this.readWords(index);
		this.live = index;
		this.builtAt = builtAt;
		this.indexWaiters.release();
		this.announce();
	}

	private async readWords({ words }: CatalogueIndex): Promise<void> {
		words.setSynonyms(await this.source.readSynonyms());
		words.setNames(await this.source.readNames());
	}

	private get targets(): CatalogueIndex[] {
		return [this.live, this.building?.index ?? null].filter(index => index !== null);
	}

	private async followLog(): Promise<void> {
		for (;;) {
			const { facts, position, seq, gap, behind } = await this.log.readLog(this.position, LOG_PAGE);
			if (gap) this.rebuildWanted = true;
			this.position = position;
			this.seq = seq;
			this.behind = behind;
			for (const { event, payload } of facts) {
				const effect = decideEffect(event, payload);
				for (const id of effect.refresh ?? []) this.queue.add(id);
				for (const id of effect.refreshLater ?? []) this.queue.addLater(id);
				if (effect.names) this.namesChanged = true;
				if (effect.synonyms) this.synonymsChanged = true;
				const { level } = effect;
				const isSeen = level ? this.targets.map(index => index.setLevel(level)) : [];
				if (level && isSeen.includes(false)) this.queue.add(level.productId);
			}
			if (facts.some(({ event }) => event === "stock.level_changed")) this.announce();
			if (behind === 0 || this.isStopping()) return;
		}
	}

	private async applyChanges(): Promise<void> {
		if (this.namesChanged) {
			this.namesChanged = false;
			const names = await this.source.readNames();
			for (const { words } of this.targets) words.setNames(names);
			this.announce();
		}
		if (this.synonymsChanged) {
			this.synonymsChanged = false;
			const sets = await this.source.readSynonyms();
			for (const { words } of this.targets) words.setSynonyms(sets);
			this.announce();
		}
		while (this.queue.dueCount > 0 && !this.isStopping()) await this.refreshBatch();
		this.refreshWaiters.release();
	}

	private async refreshBatch(): Promise<void> {
		const ids = this.queue.take(REFRESH_BATCH);
		this.refreshing = true;
		try {
			const version = changeVersion(this.seq);
			const entries = await this.source.readProducts(ids);
			const found = new Set(entries.map(({ id }) => id));
			for (const id of ids) this.building?.refreshed.add(id);
			const gone = ids.filter(id => !found.has(id));
			for (const index of this.targets) await index.store({ entries, gone, version });
			if (entries.some(entry => this.live?.words.lacksNames(entry))) this.namesChanged = true;
			if (this.live?.isWorn) this.rebuildWanted = true;
			this.announce();
		} catch (err) {
			for (const id of ids) this.queue.add(id);
			throw err;
		} finally {
			this.refreshing = false;
		}
	}

	private startRebuild(): void {
		this.rebuildWanted = false;
		this.rebuilding = this.rebuild()
			.catch(async (err: unknown) => {
				if (this.isStopping()) return;
				this.logger.warn({ err }, "The search index could not be built; trying again");
				await this.sleepUnlessStopped(RETRY_MS);
				this.rebuildWanted = true;
			})
			.finally(() => {
				this.building = null;
				this.rebuilding = undefined;
				this.wake();
			});
	}

	private async rebuild(): Promise<void> {
		const startedAt = performance.now();
		const { position, seq } = this;
		const index = await this.indexes.create();
		if (!index) {
			this.opened = false; // Another process has built one meanwhile.
			this.rebuildWanted = true;
			return;
		}
		const building = { index, refreshed: new Set<string>() };
		this.building = building;
		await this.readWords(index);
		await loadProducts(this.source, building, scanVersion(seq), () => this.isStopping());
		if (index.size >= EAGER_PINYIN_FROM || this.live?.words.vocabulary.knowsPinyin)
			await spellWords(index.words, () => this.isStopping());
		if (this.isStopping()) return;
		await this.indexes.activate(index, position ?? "");
		await this.putIntoUse(index);
		const seconds = Math.round(performance.now() - startedAt) / 1000;
		this.logger.debug({ products: index.size, seconds }, "The search index is complete");
	}

	private async sleepUnlessStopped(ms: number): Promise<void> {
		await pause(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
	}
}
