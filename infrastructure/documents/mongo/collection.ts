import {
	MongoBulkWriteError,
	MongoServerError,
	type Collection as Documents,
	type Db,
	type Filter,
	type WithId
} from "mongodb";
import {
	DuplicateKey,
	type Alongside,
	type ChangeOptions,
	type Collection,
	type Doc,
	type FindOptions,
	type FoundPage,
	type Index,
	type PageOptions,
	type Sort,
	type Tally,
	type Update,
	type Where
} from "../collection";
import { copyPlain } from "../language/codec";
import { compileFilter } from "../language/filter";
import { refuseOutages, MANY_DOCUMENTS_MS, ONE_DOCUMENT_MS } from "./database";
import { toMongoUpdate } from "./update";

const DUPLICATE_KEY = 11000;
const NO_SUCH_COLLECTION = 26;

/** A collection in MongoDB. Refuses filters and updates that the embedded store would refuse, so that all code runs on both. */
class MongoCollection<T extends Doc> implements Collection<T> {
	private readonly documents: Documents<Doc>;

	constructor(
		db: Db,
		private readonly name: string
	) {
		this.documents = db.collection<Doc>(name);
	}

	/** Creates the index unless one with these keys exists, under whatever name. */
	async index(index: Index): Promise<void> {
		const { keys, unique = false, sparse = false } = index;
		const known = (await this.indexes()).find(other => encodeKeys(other.keys) === encodeKeys(keys));
		if (!known) await this.documents.createIndex(keys, { name: indexNameOf(keys), unique, sparse }, {});
		else if (known.unique !== unique || known.sparse !== sparse)
			throw new Error(`${this.name} has the index ${pathsOf(indexNameOf(keys))} with other options`);
	}

	async indexes(): Promise<Index[]> {
		try {
			const found = await this.documents.indexes();
			return found
				.filter(({ name }) => name !== "_id_")
				.map(({ key, unique = false, sparse = false }) => ({ keys: key as Sort, unique, sparse }));
		} catch (err) {
			if (err instanceof MongoServerError && err.code === NO_SUCH_COLLECTION) return [];
			throw err;
		}
	}

	async insert(doc: T, alongside?: Alongside): Promise<void> {
		refuseAlongside(alongside);
		await this.translateDuplicates(() => this.documents.insertOne(toStored(doc)));
	}

	async insertMissing(docs: readonly T[]): Promise<T[]> {
		if (docs.length === 0) return [];
		try {
			await refuseOutages(() => this.documents.insertMany(docs.map(toStored), { ordered: false }));
			return [...docs];
		} catch (err) {
			if (!(err instanceof MongoBulkWriteError)) throw err;
			const refused = [err.writeErrors].flat();
			const other = refused.find(
				one => one.code !== DUPLICATE_KEY || indexNamedIn(one.errmsg) !== "_id"
			);
			if (other?.code === DUPLICATE_KEY) throw new DuplicateKey(this.name, indexNamedIn(other.errmsg));
			if (other || refused.length === 0) throw err;
			const there = new Set(refused.map(({ index }) => index));
			return docs.filter((_, i) => !there.has(i));
		}
	}

	async findOne(where: Where<T>, options: FindOptions = {}): Promise<T | null> {
		const [doc] = await this.find(where, { ...options, limit: 1 });
		return doc ?? null;
	}

	async find(where: Where<T>, { sort, skip = 0, limit, fields }: FindOptions = {}): Promise<T[]> {
		const filter = checkFilter(where);
		if (limit !== undefined && limit <= 0) return []; // to MongoDB, 0 means all
		const options = {
			maxTimeMS: ONE_DOCUMENT_MS,
			skip,
			...(limit !== undefined && limit !== Infinity && { limit }),
			...(sort && { sort }),
			...(fields && { projection: Object.fromEntries(["_id", ...fields].map(path => [path, 1])) })
		};
		const found = await refuseOutages(() => this.documents.find(filter, options).toArray());
		return found.map(doc => this.read(doc));
	}

	async count(where: Where<T>): Promise<number> {
		if (Object.keys(where).length === 0)
			return refuseOutages(() => this.documents.estimatedDocumentCount({ maxTimeMS: ONE_DOCUMENT_MS }));
		const filter = checkFilter(where);
		return refuseOutages(() => this.documents.countDocuments(filter, { maxTimeMS: ONE_DOCUMENT_MS }));
	}

	async findPage(where: Where<T>, options: PageOptions): Promise<FoundPage<T>> {
		return { docs: await this.find(where, options) };
	}

	async countUpTo(where: Where<T>, most: number): Promise<Tally> {
		const filter = checkFilter(where);
		const count = await refuseOutages(() =>
			this.documents.countDocuments(filter, { maxTimeMS: ONE_DOCUMENT_MS, limit: most + 1 })
		);
		return { count: Math.min(count, most), more: count > most };
	}

	async change(where: Where<T>, update: Update<T>, options: ChangeOptions = {}): Promise<T | null> {
		refuseAlongside(options.alongside);
		const changes = toMongoUpdate(update);
		if (Object.keys(changes).length === 0) return this.findOne(where);
		const changed = await this.translateDuplicates(() =>
			this.documents.findOneAndUpdate(checkFilter(where), changes, {
				...filtersOf(options),
				returnDocument: "after",
				maxTimeMS: ONE_DOCUMENT_MS
			})
		);
		return changed && this.read(changed);
	}

	async changeMany(where: Where<T>, update: Update<T>, options: ChangeOptions = {}): Promise<number> {
		const changes = toMongoUpdate(update);
		if (Object.keys(changes).length === 0) return this.count(where);
		const { matchedCount } = await this.translateDuplicates(() =>
			this.documents.updateMany(checkFilter(where), changes, {
				...filtersOf(options),
				maxTimeMS: MANY_DOCUMENTS_MS
			})
		);
		return matchedCount;
	}

	async remove(where: Where<T>): Promise<number> {
		const filter = checkFilter(where);
		const { deletedCount } = await refuseOutages(() =>
			this.documents.deleteMany(filter, { maxTimeMS: MANY_DOCUMENTS_MS })
		);
		return deletedCount;
	}

	/** Trusts the server to return documents of the type that this collection stored. */
	private read(doc: WithId<Doc>): T {
		return doc as T;
	}

	private async translateDuplicates<R>(work: () => Promise<R>): Promise<R> {
		try {
			return await refuseOutages(work);
		} catch (err) {
			throw err instanceof MongoServerError && err.code === DUPLICATE_KEY
				? new DuplicateKey(this.name, duplicateIndexOf(err))
				: err;
		}
	}
}

/** Throws on an operator that the embedded store lacks, and on `undefined`, which would widen the filter. */
function checkFilter(where: Where): Filter<Doc> {
	compileFilter(where);
	const filter: Readonly<Record<string, unknown>> = where;
	return filter;
}

function refuseAlongside(alongside: Alongside | undefined): void {
	if (alongside) throw new TypeError("MongoDB writes one document at a time");
}

function filtersOf({ arrayFilters }: ChangeOptions) {
	arrayFilters?.forEach(checkFilter);
	return arrayFilters ? { arrayFilters: [...arrayFilters] } : {};
}

function toStored(doc: Doc): Doc {
	if (typeof doc._id !== "string" || doc._id === "") throw new TypeError("A document's _id is a text");
	return copyPlain(doc) as Doc;
}

const encodeKeys = (keys: Sort) => JSON.stringify(Object.entries(keys));

/** Name of an index, made of its paths (`userId,-_id`): some servers refuse a duplicate by the name alone. */
const indexNameOf = (keys: Sort): string =>
	Object.entries(keys)
		.map(([path, direction]) => (direction === 1 ? path : `-${path}`))
		.join(",");

const pathsOf = (indexName: string): string =>
	indexName
		.split(",")
		.map(path => path.replace(/^-/, ""))
		.join(",");

/** The paths of the index that refused a write: from `keyPattern`, or from the message of servers that lack it. */
function duplicateIndexOf(err: MongoServerError): string {
	const keys: unknown = err["keyPattern"];
	if (typeof keys === "object" && keys !== null) return Object.keys(keys).join(",");
	return indexNamedIn(err.message);
}

function indexNamedIn(message: string | undefined): string {
	const name = / index: (\S+) dup key/.exec(message ?? "")?.[1] ?? "";
	return name === "_id_" ? "_id" : pathsOf(name);
}

export const openMongoCollection = <T extends Doc>(db: Db, name: string): Collection<T> =>
	new MongoCollection<T>(db, name);
