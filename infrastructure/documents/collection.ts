/** A document holds what JSON can hold, and `Date`. Its `_id` is a ULID unless the service has a natural key. */
export type Doc = { readonly _id: string };

/** Fields of an unknown document: filters and updates may name any. */
type AnyFields = Readonly<Record<string, unknown>>;

/** A document of an unknown type, as migrations and tools handle it. */
export type AnyDoc = Doc & AnyFields;

type FieldName<T> = T extends unknown ? keyof T & string : never;

/** A value for each named field of `T`, or for a dotted path that begins with one. A misspelt field does not compile. */
type ByField<T, V> = { readonly [K in FieldName<T>]?: V } & {
	readonly [K in `${FieldName<T>}.${string}`]?: V;
};

type Element<V> = V extends readonly (infer E)[] ? E : never;

/** A condition on a field of type `V`: a value to equal, or operators. An array also matches by any of its elements. */
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

/**
 * A filter in MongoDB's query language, as far as the contract suite (`tests/contracts`) covers it. The compiler checks the
 * names of fields in literals, and the values of top-level fields. Never build one from an object that a client sent: its
 * keys could be operators.
 */
export type Where<T = AnyFields> = { readonly [K in FieldName<T>]?: Condition<Exclude<T[K], undefined>> } & {
	readonly [K in `${FieldName<T>}.${string}`]?: unknown;
} & {
	readonly _id?: unknown;
	readonly $and?: readonly Where<T>[];
	readonly $or?: readonly Where<T>[];
	readonly $nor?: readonly Where<T>[];
};

/** New values by field or dotted path. A field whose value is undefined keeps the value it has. */
type Values<T> = { readonly [K in FieldName<T>]?: T[K] | undefined } & {
	readonly [K in `${FieldName<T>}.${string}`]?: unknown;
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
	/** Largest number of documents; 0 means none, absent means all. */
	readonly limit?: number;
	/** Fields or dotted paths to return, beside `_id`; absent means whole documents. */
	readonly fields?: readonly string[];
};

/** Most documents that one bounded read decodes and tests: some 10 ms of the event loop. */
export const MAX_DOCUMENTS_READ = 500;
/** Most rows of an index that one bounded count looks at. */
export const MAX_ROWS_COUNTED = 20_000;

export type PageOptions = Required<Pick<FindOptions, "sort" | "limit">> & Pick<FindOptions, "skip">;
/** A page of matches; `stoppedAt` is the `_id` up to which a read in the order of `_id` came within its bounds. */
export type FoundPage<T> = { readonly docs: T[]; readonly stoppedAt?: string };
/** A bounded count; `more`: there are, or may be, more matches than `count`. */
export type Tally = { readonly count: number; readonly more: boolean };

/**
 * An index over one or more paths (`{ userId: 1, _id: -1 }`). A path may lead through one array (`"skus.code"`).
 * `unique` refuses a second document with the same key. `sparse` leaves out documents that have none of the paths, so a
 * unique sparse index applies only while the field exists.
 */
export type Index = { readonly keys: Sort; readonly unique?: boolean; readonly sparse?: boolean };

/**
 * Further writes to the SQLite file that are made in the same transaction, immediately after that of the document. They must not
 * fail but for the disk. MongoDB refuses them.
 */
export type Alongside = () => void;

export type ChangeOptions = { readonly arrayFilters?: readonly Where[]; readonly alongside?: Alongside };

/** Refusal of a write whose unique key another document holds. `index` is the paths of the index (`"userId,key"`). */
export class DuplicateKey extends Error {
	constructor(
		readonly collection: string,
		readonly index: string
	) {
		super(`Duplicate key in ${collection}: ${index}`);
		this.name = "DuplicateKey";
	}
}

/** Waits for an insert whose document another process may have stored first, which is as good. */
export async function ignoreDuplicate(inserted: Promise<unknown>): Promise<void> {
	try {
		await inserted;
	} catch (err) {
		if (!(err instanceof DuplicateKey)) throw err;
	}
}

/** One collection of documents, in the SQLite file or in MongoDB. Both implementations pass the suite in `tests/contracts`. */
export interface Collection<T extends Doc> {
	/** Creates an index over the existing and all later documents; does nothing where it exists. */
	index(index: Index): Promise<void>;
	/** Lists the existing indexes, without the one of `_id`. */
	indexes(): Promise<Index[]>;
	/** Stores a new document. Rejects with `DuplicateKey`, having stored nothing. */
	insert(doc: T, alongside?: Alongside): Promise<void>;
	/**
	 * Stores the documents whose `_id` is free and resolves to these: of concurrent callers, one gets each document. Rejects with
	 * `DuplicateKey` on another unique key, when some may have been stored. For seeds and imports.
	 */
	insertMissing(docs: readonly T[]): Promise<T[]>;
	findOne(where: Where<T>, options?: FindOptions): Promise<T | null>;
	find(where: Where<T>, options?: FindOptions): Promise<T[]>;
	/** Counts matches. For `{}` MongoDB reads its own tally, which may be slightly off after a crash of the server. */
	count(where: Where<T>): Promise<number>;
	/**
	 * Finds a page within bounds. A read in the order of `_id` that would test more than MAX_DOCUMENTS_READ documents resolves
	 * with what it found and where it stopped; in another order it is refused with SERVICE_UNAVAILABLE.
	 */
	findPage(where: Where<T>, options: PageOptions): Promise<FoundPage<T>>;
	/** Counts at most `most` matches, within bounds. */
	countUpTo(where: Where<T>, most: number): Promise<Tally>;
	/** Updates one matching document atomically; resolves to the document after the write, or to null where none matches. */
	change(where: Where<T>, update: Update<T>, options?: ChangeOptions): Promise<T | null>;
	/** Updates every match, each atomically; resolves to the number of matches. */
	changeMany(where: Where<T>, update: Update<T>, options?: ChangeOptions): Promise<number>;
	/** Removes every match; resolves to their number. */
	remove(where: Where<T>): Promise<number>;
}
