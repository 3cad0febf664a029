import type { DatabaseSync } from "node:sqlite";
import { groupCommitOf } from "../../group-commit";
import type { IndexLayout } from "./index-layout";
import type { DocumentKeys } from "./indexes";

/** An update of a document that is not written yet: from the keys that are stored to the newest text and keys. */
type DeferredUpdate = { readonly text: string; readonly before: DocumentKeys; readonly after: DocumentKeys };
type Entry = DeferredUpdate & { readonly write: (update: DeferredUpdate) => void };

/**
 * The updates of documents that wait for the commit of the open transaction, so that several of one document become one.
 * A read by anything but ids writes them before, and so does a savepoint, whose rollback would undo them.
 */
export class DeferredUpdates {
	private readonly byTable = new Map<string, Map<string, Entry>>();
	private readonly group;

	constructor(db: DatabaseSync) {
		this.group = groupCommitOf(db);
		this.group.onCommit({
			before: () => this.writeAll(),
			beforeSavepoint: () => this.writeAll(),
			after: () => this.byTable.clear()
		});
	}

	/** Whether an update may wait: nothing that it changes is unique, so it can't be refused. */
	mayWait({ layout, columns, rows }: DocumentKeys, after: DocumentKeys): boolean {
		return (
			this.group.openTransaction !== undefined &&
			!this.group.isInSavepoint &&
			layout === after.layout &&
			layout.uniqueNumbers.every(i => columns[i] === undefined && after.columns[i] === undefined) &&
			layout.ownTables.every(({ unique }, i) => !unique || (rows[i] ?? after.rows[i]) === undefined)
		);
	}

	add(table: string, id: string, update: DeferredUpdate, write: Entry["write"]): void {
		const layout = this.byTable.get(table)?.get(id)?.after.layout;
		if (layout !== update.after.layout) this.writeOne(table, id);
		let entries = this.byTable.get(table);
		if (!entries) this.byTable.set(table, (entries = new Map<string, Entry>()));
		const earlier = entries.get(id);
		entries.set(id, {
			text: update.text,
			before: earlier ? mergeKeys(update.before, earlier.before) : update.before,
			after: earlier ? mergeKeys(earlier.after, update.after) : update.after,
			write
		});
	}

	/** The text of a document whose update waits. */
	textOf(table: string, id: string): string | undefined {
		return this.byTable.get(table)?.get(id)?.text;
	}

	writeOne(table: string, id: string): void {
		const entries = this.byTable.get(table);
		const entry = entries?.get(id);
		if (!entry) return;
		entries?.delete(id);
		entry.write(entry);
	}

	writeTable(table: string): void {
		for (const id of this.byTable.get(table)?.keys() ?? []) this.writeOne(table, id);
	}

	private writeAll(): void {
		for (const table of this.byTable.keys()) this.writeTable(table);
	}
}

/** The keys of `base`, replaced by those that `over` has. */
function mergeKeys(base: DocumentKeys, over: DocumentKeys): DocumentKeys {
	const layout: IndexLayout = over.layout;
	return {
		layout,
		columns: over.columns.map((key, i) => (key === undefined ? base.columns[i] : key)),
		rows: over.rows.map((rows, i) => rows ?? base.rows[i])
	};
}

const deferredUpdates = new WeakMap<DatabaseSync, DeferredUpdates>();

/** The waiting updates of a database handle. */
export function deferredUpdatesOf(db: DatabaseSync): DeferredUpdates {
	let deferred = deferredUpdates.get(db);
	if (!deferred) deferredUpdates.set(db, (deferred = new DeferredUpdates(db)));
	return deferred;
}
