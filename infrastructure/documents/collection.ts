/** A document: what JSON can hold, plus `Date`. `_id` is a ULID unless the service has a natural key. */
export type Doc = { readonly _id: string };

/** A filter in MongoDB's query language, as far as the contract suite (`tests/contracts`) goes; never built from user objects. */
export type Where = Readonly<Record<string, unknown>>;

/** An update in MongoDB's operator language: `$set $unset $inc $push($each,$slice) $pull $addToSet $min $max $mul $rename`. */
export type Update = Readonly<Record<`$${string}`, Readonly<Record<string, unknown>>>>;

export type Sort = Readonly<Record<string, 1 | -1>>;

export type FindOptions = {
	readonly sort?: Sort;
	readonly skip?: number;
	/** At most so many; 0 is none. Absent: all. */
	readonly limit?: number;
	/** Only these top-level or dotted fields (and `_id`) come back. */
	readonly fields?: readonly string[];
};

/**
 * An index over one or more paths (`{ userId: 1, _id: -1 }`). A path may lead through one array (`"skus.code"`).
 * `unique` refuses a second document with the same key; `sparse` leaves out documents that have none of the paths,
 * so a unique sparse index holds only while the field exists.
 */
export type Index = { readonly keys: Sort; readonly unique?: boolean; readonly sparse?: boolean };

export type ChangeOptions = { readonly arrayFilters?: readonly Where[] };

/** Another document holds the same unique key. `index` names the paths, joined by a comma (`"userId,key"`). */
export class DuplicateKey extends Error {
	constructor(
		readonly collection: string,
		readonly index: string
	) {
		super(`Duplicate key in ${collection}: ${index}`);
		this.name = "DuplicateKey";
	}
}

/** One collection of documents; both implementations (embedded SQLite, MongoDB) pass the suite in `tests/contracts`. */
export interface Collection<T extends Doc> {
	/** Declares an index; again with the same keys is a no-op. Existing documents are indexed. */
	index(index: Index): Promise<void>;
	/** The indexes that there are, without that of `_id`. */
	indexes(): Promise<Index[]>;
	/** Stores a new document; rejects with `DuplicateKey`, and then nothing is stored. */
	insert(doc: T): Promise<void>;
	/**
	 * Stores those documents whose `_id` is not there yet, and answers these: each is one caller's, however many insert at once.
	 * Rejects with `DuplicateKey` on another unique key; then some may be stored. For seeds and imports.
	 */
	insertMissing(docs: readonly T[]): Promise<T[]>;
	findOne(where: Where, options?: FindOptions): Promise<T | null>;
	find(where: Where, options?: FindOptions): Promise<T[]>;
	/** Of all (`{}`) it is MongoDB's own tally, which takes no time, and may be a little off after a crash of the server. */
	count(where: Where): Promise<number>;
	/** The guarded write: one atomic update of one document that matches; the document after it, or null when none does. */
	change(where: Where, update: Update, options?: ChangeOptions): Promise<T | null>;
	/** Updates every match, each atomically; answers how many. */
	changeMany(where: Where, update: Update, options?: ChangeOptions): Promise<number>;
	/** Removes every match; answers how many. */
	remove(where: Where): Promise<number>;
}
