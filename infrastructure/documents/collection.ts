/** A document: what JSON can hold, plus `Date`. `_id` is a ULID unless the service has a natural key. */
export type Doc = { readonly _id: string };

/** Fields of which nothing is known: any may stand in a filter or an update. */
type AnyFields = Readonly<Record<string, unknown>>;

/** A document of which only the id is known, as for migrations and tools. */
export type AnyDoc = Doc & AnyFields;

type Name<T> = T extends unknown ? keyof T & string : never;

/** A value by field: the fields of `T`, and dotted paths that begin with one. A misspelt field does not compile. */
type ByField<T, V> = { readonly [K in Name<T>]?: V } & { readonly [K in `${Name<T>}.${string}`]?: V };

type Element<V> = V extends readonly (infer E)[] ? E : never;

/** Conditions of a field of type `V`: a value, which an array field may hold as an element, or operators. */
type Condition<V> =
	| V
	| Element<V>
	| null
	| {
			readonly $eq?: V | Element<V> | null;
			readonly $ne?: V | Element<V> | null;
			readonly $in?: readonly (V | Element<V> | null)[];
			readonly $nin?: readonly (V | Element<V> | null)[];
			readonly $gt?: V | Element<V>;
			readonly $gte?: V | Element<V>;
			readonly $lt?: V | Element<V>;
			readonly $lte?: V | Element<V>;
			readonly $exists?: boolean;
			readonly $size?: number;
			readonly $all?: readonly Element<V>[];
			readonly $regex?: RegExp | string;
			readonly $options?: string;
			readonly $not?: Condition<V>;
			readonly $elemMatch?: Where<Element<V>>;
	  };

/** A filter in MongoDB's query language, as far as the contract suite (`tests/contracts`) goes; never built from user objects. */
export type Where<T = AnyFields> = { readonly [K in Name<T>]?: Condition<Exclude<T[K], undefined>> } & {
	readonly [K in `${Name<T>}.${string}`]?: unknown;
} & {
	readonly _id?: unknown;
	readonly $and?: readonly Where<T>[];
	readonly $or?: readonly Where<T>[];
	readonly $nor?: readonly Where<T>[];
};

/** The whole next value of a field, or anything at a dotted path. An undefined value is no value: the field stays. */
type Values<T> = { readonly [K in Name<T>]?: T[K] | undefined } & {
	readonly [K in `${Name<T>}.${string}`]?: unknown;
};

/** An update in MongoDB's operator language; `$push` and `$addToSet` take `$each`, `$push` takes `$slice`. */
export type Update<T = AnyFields> = {
	readonly $set?: Values<T>;
	readonly $min?: Values<T>;
	readonly $max?: Values<T>;
	readonly $inc?: ByField<T, number>;
	readonly $mul?: ByField<T, number>;
	readonly $unset?: ByField<T, string>;
	readonly $rename?: ByField<T, string>;
	readonly $push?: ByField<T, unknown>;
	readonly $addToSet?: ByField<T, unknown>;
	readonly $pull?: ByField<T, unknown>;
};

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
	findOne(where: Where<T>, options?: FindOptions): Promise<T | null>;
	find(where: Where<T>, options?: FindOptions): Promise<T[]>;
	/** Of all (`{}`) it is MongoDB's own tally, which takes no time, and may be a little off after a crash of the server. */
	count(where: Where<T>): Promise<number>;
	/** The guarded write: one atomic update of one document that matches; the document after it, or null when none does. */
	change(where: Where<T>, update: Update<T>, options?: ChangeOptions): Promise<T | null>;
	/** Updates every match, each atomically; answers how many. */
	changeMany(where: Where<T>, update: Update<T>, options?: ChangeOptions): Promise<number>;
	/** Removes every match; answers how many. */
	remove(where: Where<T>): Promise<number>;
}
