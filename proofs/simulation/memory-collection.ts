import {
	DuplicateKey,
	type Collection,
	type Doc,
	type Update,
	type Where
} from "../../infrastructure/documents/collection";
import { compileFilter } from "../../infrastructure/documents/language/filter";
import { copyPlain } from "../../infrastructure/documents/language/codec";
import { sortDocuments } from "../../infrastructure/documents/language/value-order";
import { applyUpdate } from "../../infrastructure/documents/language/update";

/** The part of a collection that the services use, in memory. Each operation is atomic and starts when the scheduler picks it. */
export class MemoryCollection<T extends Doc> implements Pick<
	Collection<T>,
	"insert" | "findOne" | "find" | "change" | "remove"
> {
	readonly documents = new Map<string, T>();

	constructor(
		private readonly turn: () => Promise<void>,
		private readonly unique: readonly (keyof T & string)[] = []
	) {}

	async insert(doc: T): Promise<void> {
		await this.turn();
		if (this.documents.has(doc._id)) throw new DuplicateKey("memory", "_id");
		this.refuseDuplicate(doc);
		this.documents.set(doc._id, copyOf(doc));
	}

	async findOne(where: Where): Promise<T | null> {
		await this.turn();
		return copyOf(this.match(where)[0] ?? null);
	}

	async find(
		where: Where,
		{ sort, limit }: { sort?: Record<string, 1 | -1>; limit?: number } = {}
	): Promise<T[]> {
		await this.turn();
		const found = this.match(where);
		return copyOf((sort ? sortDocuments(found, sort) : found).slice(0, limit));
	}

	async change(where: Where, update: Update): Promise<T | null> {
		await this.turn();
		const [found] = this.match(where);
		if (!found) return null;
		const changed = copyOf(found);
		applyUpdate(changed, update);
		this.refuseDuplicate(changed);
		this.documents.set(changed._id, changed);
		return copyOf(changed);
	}

	async remove(where: Where): Promise<number> {
		await this.turn();
		const found = this.match(where);
		for (const { _id } of found) this.documents.delete(_id);
		return found.length;
	}

	private match({ _id, ...where }: Where): T[] {
		const candidates =
			typeof _id === "string"
				? [this.documents.get(_id)]
				: [...this.documents.values()].filter(compileFilter({ ...(_id !== undefined && { _id }) }));
		if (Object.keys(where).length === 0) return candidates.flatMap(doc => doc ?? []);
		const fits = compileFilter(where);
		return candidates.flatMap(doc => (doc && fits(doc) ? [doc] : []));
	}

	private refuseDuplicate(doc: T): void {
		for (const other of this.documents.values())
			for (const key of this.unique)
				if (other._id !== doc._id && doc[key] !== undefined && other[key] === doc[key])
					throw new DuplicateKey("memory", key);
	}
}

/** Much faster than `structuredClone`, which takes any value. */
const copyOf = <T>(value: T): T => copyPlain(value) as T;
