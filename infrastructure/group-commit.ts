import { AsyncLocalStorage } from "node:async_hooks";
import type { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { DiskError, rethrowDiskErrors } from "./disk-error";

/** Longest time for which a transaction stays open for use cases that are still running. */
const MAX_OPEN_MS = 10;
/** Longest wait for a lock that another process holds. */
const MAX_WAIT_MS = 10_000;
/** Pause between two attempts to get the lock. */
const PAUSE_MS = 1;

const SQLITE_BUSY = 5;
const isBusy = (err: unknown) =>
	typeof err === "object" &&
	err !== null &&
	"errcode" in err &&
	(Number(err.errcode) & 0xff) === SQLITE_BUSY;

/** Work whose writes share a commit, from the beginning of `together` to its end. */
type UseCase = { ended: boolean; failure?: Error };

type Transaction = {
	readonly committed: Promise<void>;
	/** Resolves after the commit or the rollback. */
	readonly ended: Promise<void>;
	readonly settle: (failure?: Error) => void;
	/** The use cases that have read or written in this transaction and have not ended. */
	readonly useCases: Set<UseCase>;
	/** Somebody waits for the commit: no further use case joins. */
	awaited: boolean;
	/** The commit comes at the end of this turn of the event loop. */
	scheduled: boolean;
	timer?: NodeJS.Timeout;
};

/** Takes part in each commit. */
export type CommitHook = {
	/** Called within the transaction, immediately before its commit. */
	readonly before: () => void;
	/** Called within the transaction, before a savepoint that may be rolled back. */
	readonly beforeSavepoint?: () => void;
	/** Called after the commit, or with the reason after the rollback that took its place. */
	readonly after: (failure?: Error) => void;
};

/**
 * The transactions of one SQLite file in this process (group commit). Writes that come within one turn of the event loop share
 * a transaction, and each resolves after its commit. The writes of a use case (`together`) resolve at once, and the use case
 * itself resolves after the commit: usually they are one transaction. When a use case takes longer than 10 ms, a commit comes
 * between its writes. Each write is atomic by itself, and no write is committed without those that this process made before it.
 *
 * All reads go through the same handle and see what is not committed yet. A read outside of use cases therefore resolves after
 * the commit too: nobody learns what a crash could still take back.
 */
export class GroupCommit {
	private readonly useCases = new AsyncLocalStorage<UseCase>();
	private readonly hooks = new Set<CommitHook>();
	private open: Transaction | undefined;
	private readonly begin;
	private readonly commit;
	private readonly savepoint;
	private readonly release;
	/** A write is running that may be taken back. */
	isInSavepoint = false;
	/** The wait for the lock of another process. */
	private waiting: Promise<void> | undefined;

	constructor(private readonly db: DatabaseSync) {
		db.exec("PRAGMA busy_timeout = 0"); // waits for other processes do not block the event loop
		this.begin = db.prepare("BEGIN IMMEDIATE");
		this.commit = db.prepare("COMMIT");
		this.savepoint = db.prepare("SAVEPOINT one_write");
		this.release = db.prepare("RELEASE one_write");
	}

	/** The open transaction, if any. It holds the file's write lock, so no other process commits in the meantime. */
	get openTransaction(): object | undefined {
		return this.open;
	}

	/** Whether the running use case has read or written in the open transaction: what it writes now needs no other commit. */
	get isInTransaction(): boolean {
		const useCase = this.runningUseCase();
		return useCase !== undefined && this.open?.useCases.has(useCase) === true;
	}

	/** Adds a hook to every commit from now on; the returned function removes it. */
	onCommit(hook: CommitHook): () => void {
		this.hooks.add(hook);
		return () => this.hooks.delete(hook);
	}

	/**
	 * Runs a use case and resolves after the commit of its writes; a use case within another one is part of it. Rejects with a
	 * `DiskError` where the commit fails. Before anything leaves the process, the use case has to call `flush`.
	 */
	async together<R>(work: () => Promise<R>): Promise<R> {
		if (this.runningUseCase()) return work();
		const useCase: UseCase = { ended: false };
		try {
			return await this.useCases.run(useCase, work);
		} finally {
			await this.endUseCase(useCase);
		}
	}

	/** Reads, and resolves after the commit of what was read. */
	async read<R>(work: () => R, giveUpAt = performance.now() + MAX_WAIT_MS): Promise<R> {
		const useCase = this.runningUseCase();
		while (this.mustWait(useCase)) await this.open?.ended;
		this.join(useCase);
		const transaction = this.open;
		let result: R;
		try {
			result = rethrowDiskErrors(work);
		} catch (err) {
			// Another process locks the whole file for a moment when it repairs the file after a crash.
			if (!isBusy(err) || performance.now() > giveUpAt) throw err;
			await pause(PAUSE_MS);
			return this.read(work, giveUpAt);
		}
		if (!transaction || useCase) return result;
		this.requestCommit(transaction);
		try {
			await transaction.committed;
		} catch {
			return this.read(work, giveUpAt); // what was read has been rolled back
		}
		return result;
	}

	/**
	 * Runs a write and resolves after its commit, in a use case at once. `work` must be synchronous, and have no effect when it
	 * throws: pass `savepoint` where it may throw between two statements.
	 */
	async write<R>(work: () => R, { savepoint = false }: { readonly savepoint?: boolean } = {}): Promise<R> {
		const useCase = this.runningUseCase();
		let transaction = this.enter(useCase);
		while (transaction instanceof Promise) {
			await transaction;
			transaction = this.enter(useCase);
		}
		if (!useCase) this.requestCommit(transaction);
		let result: R;
		try {
			result = rethrowDiskErrors(() => (savepoint ? this.runInSavepoint(work) : work()));
		} catch (err) {
			// SQLite rolls a transaction back by itself when the disk fails.
			if (err instanceof DiskError || !this.db.isTransaction) this.rollBack(transaction, err);
			throw err;
		}
		if (!useCase) await transaction.committed;
		return result;
	}

	/** Creates the tables that do not exist. Blocks while another process holds the lock, unless all of them exist. */
	createTables(sql: string): void {
		this.flush();
		this.db.exec(`PRAGMA busy_timeout = ${MAX_WAIT_MS}`);
		try {
			rethrowDiskErrors(() => this.db.exec(sql));
		} finally {
			this.db.exec("PRAGMA busy_timeout = 0");
		}
	}

	/** Runs work in a transaction of its own, at once; blocks while another process holds the lock. */
	runAlone(work: () => void): void {
		this.flush();
		this.db.exec(`PRAGMA busy_timeout = ${MAX_WAIT_MS}`);
		try {
			rethrowDiskErrors(() => {
				this.begin.run();
				try {
					work();
					this.commit.run();
				} finally {
					if (this.db.isTransaction) this.db.exec("ROLLBACK");
				}
			});
		} finally {
			this.db.exec("PRAGMA busy_timeout = 0");
		}
	}

	/** Commits what is written so far. Call it in a use case before anything leaves the process. Throws where that fails. */
	flush(): void {
		const failure = this.open && this.commitNow(this.open);
		if (failure) throw failure;
	}

	/** Has the commit follow at the end of this turn of the event loop, or when the last use case of the transaction has ended. */
	private requestCommit(transaction: Transaction): void {
		transaction.awaited = true;
		if (transaction.useCases.size > 0 || transaction.scheduled) return;
		transaction.scheduled = true;
		setImmediate(() => this.commitNow(transaction));
	}

	private runningUseCase(): UseCase | undefined {
		const useCase = this.useCases.getStore();
		return useCase?.ended ? undefined : useCase;
	}

	/** Enters a transaction for a write; a promise of the time to try again where that is not possible yet. */
	private enter(useCase: UseCase | undefined): Transaction | Promise<void> {
		if (this.open && this.mustWait(useCase)) return this.open.ended;
		const transaction = this.open ?? this.tryBegin();
		if (!transaction) return (this.waiting ??= this.waitForLock());
		this.join(useCase);
		return transaction;
	}

	/** Whether the use case is new to a transaction that others wait for: that one is committed first. */
	private mustWait(useCase: UseCase | undefined): boolean {
		return useCase !== undefined && this.open?.awaited === true && !this.open.useCases.has(useCase);
	}

	/** Has the use case take part in the open transaction. */
	private join(useCase: UseCase | undefined): void {
		if (!useCase) return;
		if (useCase.failure) throw useCase.failure;
		const transaction = this.open;
		if (!transaction) return;
		transaction.useCases.add(useCase);
		transaction.timer ??= setTimeout(() => this.commitNow(transaction), MAX_OPEN_MS).unref();
	}

	private async endUseCase(useCase: UseCase): Promise<void> {
		useCase.ended = true;
		const transaction = this.open;
		if (transaction?.useCases.delete(useCase)) {
			this.requestCommit(transaction);
			await transaction.committed;
		}
		if (useCase.failure) throw useCase.failure;
	}

	/** Begins a transaction; null where another process holds the lock. */
	private tryBegin(): Transaction | null {
		try {
			rethrowDiskErrors(() => this.begin.run());
		} catch (err) {
			if (isBusy(err)) return null;
			throw err;
		}
		const { promise, resolve, reject } = Promise.withResolvers<void>();
		const settle = (failure?: Error) => (failure ? reject(failure) : resolve());
		const ended = promise.catch(() => undefined);
		this.open = {
			committed: promise,
			ended,
			settle,
			useCases: new Set(),
			awaited: false,
			scheduled: false
		};
		return this.open;
	}

	/** Waits until a transaction has begun. Rejects when another process holds the lock for too long. */
	private async waitForLock(): Promise<void> {
		try {
			const giveUpAt = performance.now() + MAX_WAIT_MS;
			while (performance.now() < giveUpAt) {
				await pause(PAUSE_MS);
				if (this.open || this.tryBegin()) return;
			}
			throw new Error("Another process has held the lock of the database for too long");
		} finally {
			this.waiting = undefined;
		}
	}

	/** Commits the transaction unless it has ended. Returns the failure after which everything in it was rolled back. */
	private commitNow(transaction: Transaction): Error | undefined {
		if (this.open !== transaction) return undefined;
		try {
			rethrowDiskErrors(() => {
				for (const hook of this.hooks) hook.before();
				this.commit.run();
			});
		} catch (err) {
			return this.rollBack(transaction, err);
		}
		this.end(transaction);
		return undefined;
	}

	/** Rolls everything back. The use cases of the transaction can't go on: their next step would rest on what is lost. */
	private rollBack(transaction: Transaction, cause: unknown): Error {
		const failure = cause instanceof Error ? cause : new Error(String(cause));
		if (this.db.isOpen && this.db.isTransaction) this.db.exec("ROLLBACK");
		for (const useCase of transaction.useCases) useCase.failure = failure;
		this.end(transaction, failure);
		return failure;
	}

	private end(transaction: Transaction, failure?: Error): void {
		this.open = undefined;
		clearTimeout(transaction.timer);
		// Work that a hook begins is no part of the use case that happens to commit.
		this.useCases.exit(() => this.hooks.forEach(hook => hook.after(failure)));
		transaction.settle(failure);
	}

	private runInSavepoint<R>(work: () => R): R {
		for (const hook of this.hooks) hook.beforeSavepoint?.();
		this.savepoint.run();
		this.isInSavepoint = true;
		try {
			const result = work();
			this.release.run();
			return result;
		} catch (err) {
			if (this.db.isTransaction) this.db.exec("ROLLBACK TO one_write; RELEASE one_write");
			throw err;
		} finally {
			this.isInSavepoint = false;
		}
	}
}

const groups = new WeakMap<DatabaseSync, GroupCommit>();

/** The group commit of a database handle. */
export function groupCommitOf(db: DatabaseSync): GroupCommit {
	let group = groups.get(db);
	if (!group) groups.set(db, (group = new GroupCommit(db)));
	return group;
}

/** A hook that observes how long each commit takes, with the work of the hooks after it. */
export function timeCommits(observe: (seconds: number) => void): CommitHook {
	let startedAt = 0;
	return {
		before: () => (startedAt = performance.now()),
		after(failure) {
			if (!failure) observe((performance.now() - startedAt) / 1000);
		}
	};
}
