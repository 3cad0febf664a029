import { setTimeout as pause } from "node:timers/promises";
import type { FactLog } from "../../mixins/facts.mixin";
import type { Logger } from "../../mixins/platform";
import { IndexMissing, type CatalogueIndex, type IndexStore } from "./catalogue-index";
import { readWords, spellWords, type IndexSource } from "./build-index";
import { LogFollower } from "./follow-log";
import type { CatalogueWords } from "./index/catalogue-words.domain";
import { RefreshQueue } from "./refresh-queue.domain";
import { changeVersion, Checkpoints } from "./checkpoints.domain";
import { IndexRebuilder, pauseUnlessStopped } from "./rebuild-index";
import { Waiters } from "./waiters";

const POLL_MS = 200;
/** Within this time the service that owns products has handled a fact of others too. */
const LATER_MS = 10_000;
const REFRESH_BATCH = 100;
const RETRY_MS = 1000;

/**
 * Loads the index, follows the log of facts, and rebuilds the index after a gap, after many changes or on demand. Takes only
 * product ids from facts and reads those products again, so late and repeated facts do no harm. Stock levels come with their
 * fact, by version. In a search engine every process fills the same index; the engine refuses older readings.
 */
export class IndexKeeper {
	private live: CatalogueIndex | null = null;
	private builtAt: Date | null = null;
	private opened = false;
	private readonly checkpoints = new Checkpoints();
	private saving: Promise<void> | undefined;
	private readonly queue = new RefreshQueue();
	private readonly follower: LogFollower;
	private readonly rebuilder: IndexRebuilder;
	private advanceAt = 0;
	private running: Promise<void> | undefined;
	private preparingPinyin: Promise<void> | undefined;
	private wake: () => void = () => undefined;
	private readonly indexWaiters = new Waiters();
	private readonly refreshWaiters = new Waiters();
	private refreshing = false;

	constructor(
		private readonly indexes: IndexStore,
		private readonly source: IndexSource,
		log: Pick<FactLog, "readLog">,
		/** Tells the gateways that lists may have changed. */
		private readonly announce: () => void,
		private readonly logger: Logger,
		/** Aborted by `stop`. */
		private readonly stopping = new AbortController()
	) {
		this.follower = new LogFollower(log, this.queue, {
			listIndexes: () => this.targets,
			announce,
			onGap: () => (this.rebuilder.isWanted = true),
			hasStopped: () => this.isStopping()
		});
		this.rebuilder = new IndexRebuilder(
			indexes,
			source,
			this.follower,
			{
				knowsPinyin: () => this.live?.words.vocabulary.knowsPinyin ?? false,
				putIntoUse: index => this.putIntoUse(index),
				onBuiltElsewhere: () => (this.opened = false),
				onEnd: () => this.wake()
			},
			logger,
			this.stopping.signal
		);
	}

	start(): void {
		this.running ??= this.run();
	}

	async stop(): Promise<void> {
		this.stopping.abort();
		this.wake();
		this.indexWaiters.release();
		await Promise.all([this.running, this.rebuilder.waitForEnd(), this.preparingPinyin]);
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
		this.rebuilder.isWanted = true;
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
			behind: this.follower.behind + this.queue.dueCount,
			builtAt: this.builtAt,
			rebuilding: this.rebuilder.building !== null,
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
				await this.follower.readNewFacts();
				this.rebuilder.startIfWanted();
				if (performance.now() >= this.advanceAt) {
					this.queue.advance();
					this.advanceAt = performance.now() + LATER_MS / 2;
					await this.applyChanges();
					this.saveCheckpoint();
				} else await this.applyChanges();
				await this.sleep(POLL_MS);
			} catch (err) {
				if (this.isStopping()) return;
				if (err instanceof IndexMissing) this.rebuilder.isWanted = true;
				this.logger.warn({ err }, "The search index can't follow the catalogue; trying again");
				await pauseUnlessStopped(RETRY_MS, this.stopping.signal);
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
			this.follower.position = found.position;
			this.rebuilder.isWanted = false;
		}
		this.opened = true;
	}

	/** Saves in the background how far the index has come; searches do not wait for it. */
	private saveCheckpoint(): void {
		const position =
			this.follower.position === null ? undefined : this.checkpoints.add(this.follower.position);
		if (position === undefined || !this.live || this.saving) return;
		this.saving = this.indexes
			.savePosition(position)
			.catch((err: unknown) =>
				this.logger.debug({ err }, "The position of the search index was not noted")
			)
			.finally(() => (this.saving = undefined));
	}

	private async putIntoUse(index: CatalogueIndex, builtAt = new Date()): Promise<void> {
		await readWords(this.source, index);
		this.live = index;
		this.builtAt = builtAt;
		this.indexWaiters.release();
		this.announce();
	}

	private get targets(): CatalogueIndex[] {
		return [this.live, this.rebuilder.building?.index ?? null].filter(index => index !== null);
	}

	private async applyChanges(): Promise<void> {
		if (this.queue.areNamesDue) {
			this.queue.areNamesDue = false;
			const names = await this.source.readNames();
			for (const { words } of this.targets) words.setNames(names);
			this.announce();
		}
		if (this.queue.areSynonymsDue) {
			this.queue.areSynonymsDue = false;
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
			const version = changeVersion(this.follower.seq);
			const entries = await this.source.readProducts(ids);
			const found = new Set(entries.map(({ id }) => id));
			for (const id of ids) this.rebuilder.building?.refreshed.add(id);
			const gone = ids.filter(id => !found.has(id));
			for (const index of this.targets) await index.store({ entries, gone, version });
			if (entries.some(entry => this.live?.words.lacksNames(entry))) this.queue.areNamesDue = true;
			if (this.live?.isWorn) this.rebuilder.isWanted = true;
			this.announce();
		} catch (err) {
			for (const id of ids) this.queue.add(id);
			throw err;
		} finally {
			this.refreshing = false;
		}
	}
}
