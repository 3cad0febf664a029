import type { DatabaseSync } from "node:sqlite";
import { groupCommitOf } from "../../group-commit";
import { prepare } from "./statements";

/**
 * Whether the index definitions that this process knows are those of the file. Any process may declare an index; it counts up
 * `store_version`, which is read again only after another process has committed something (`PRAGMA data_version`).
 */
export class DefinitionsVersion {
	/** Counted up whenever the definitions have to be read again. */
	generation = 0;
	private stored = -1;
	private dataVersion = -1;
	private checkedIn: object | undefined;
	private readonly group;

	constructor(private readonly db: DatabaseSync) {
		this.group = groupCommitOf(db);
		this.group.onCommit({
			before: () => undefined,
			after: failure => {
				if (failure) this.forget();
			}
		});
	}

	/** Reads the version where another process has committed since the last check: once a transaction, as none can during it. */
	check(): void {
		const transaction = this.group.openTransaction;
		if (transaction && transaction === this.checkedIn && this.dataVersion >= 0) return;
		this.checkedIn = transaction;
		const dataVersion = Number(prepare(this.db, "PRAGMA data_version").get()?.["data_version"]);
		if (dataVersion === this.dataVersion) return;
		this.dataVersion = dataVersion;
		const stored = Number(prepare(this.db, "SELECT version FROM store_version").get()?.["version"] ?? 0);
		if (stored !== this.stored) this.generation++;
		this.stored = stored;
	}

	/**
	 * Plans and reads on definitions that are current: again if another process has changed them by the end, as far as
	 * that matters. Without `isFragile` only a failed read is repeated: SQLite refuses one by an index that is gone.
	 */
	runCurrent<P, R>(plan: () => P, read: (plan: P) => R, isFragile: (plan: P) => boolean): R {
		const isOpen = this.group.openTransaction !== undefined;
		if (isOpen || this.stored < 0) this.check();
		if (isOpen) return read(plan());
		for (;;) {
			const { generation } = this;
			try {
				const planned = plan();
				const result = read(planned);
				if (!isFragile(planned)) return result;
				this.check();
				if (generation === this.generation) return result;
			} catch (err) {
				this.check();
				if (generation === this.generation) throw err;
			}
		}
	}

	/** Drops what was read inside a transaction or savepoint that was rolled back, or before this process changed it. */
	forget(): void {
		this.dataVersion = -1;
		this.stored = -1;
		this.generation++;
	}
}

const versions = new WeakMap<DatabaseSync, DefinitionsVersion>();

/** The state of the definitions of a database handle. */
export function definitionsVersionOf(db: DatabaseSync): DefinitionsVersion {
	let version = versions.get(db);
	if (!version) versions.set(db, (version = new DefinitionsVersion(db)));
	return version;
}
