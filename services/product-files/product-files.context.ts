import type { Store } from "../../mixins/store.mixin";
import type { ImportView, RowError } from "../../schemas/product-files.contract";

/** A piece of a file that was sent, under `<file>:<n>`; removed with its import, or after an hour. */
export type Piece = {
	readonly _id: string;
	readonly file: string;
	readonly n: number;
	/** Base64. */
	readonly data: string;
	readonly at: Date;
};

export type Counts = Pick<ImportView, "rows" | "created" | "updated" | "unchanged" | "failed">;

export type Import = Counts & {
	readonly _id: string;
	/** Digest of the file and the options; unique while the import runs. */
	readonly liveKey?: string;
	readonly state: ImportView["state"];
	readonly dryRun: boolean;
	readonly atomic: boolean;
	/** Rows of the file. */
	readonly total: number;
	readonly startedAt: Date;
	/** Written with every batch: one that has stood still was left by a crash. */
	readonly updatedAt: Date;
	readonly finishedAt: Date | null;
};

/** What is wrong with a row, under `<import>:<line>:<n>`. */
export type StoredError = RowError & { readonly _id: string };

/** Stores that the functions of this service work with. */
export type ProductFilesContext = {
	readonly pieces: Store<Piece>;
	readonly imports: Store<Import>;
	readonly errors: Store<StoredError>;
};
