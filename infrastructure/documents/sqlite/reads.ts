import type { DatabaseSync } from "node:sqlite";
import {
	MAX_DOCUMENTS_READ,
	MAX_ROWS_COUNTED,
	type Doc,
	type FindOptions,
	type FoundPage,
	type PageOptions,
	type Sort,
	type Tally,
	type Where
} from "../collection";
import { Refusal } from "../../../schemas/errors/errors";
import { groupCommitOf } from "../../group-commit";
import { projectFields } from "../language/codec";
import { sortDocuments } from "../language/value-order";
import { definitionsVersionOf } from "./definitions";
import { ReadBudget, type SqliteDocuments } from "./documents";
import type { SqliteIndexes } from "./indexes";
import { isCountable, readsOwnTable, runsInOrder, runsOnce, type Plan } from "./plan-shape";
import { runInReadTransaction } from "./statements";

/** The plan of a query, for tests. */
export type Explanation = {
	/** The paths of the index, "scan" without one; for the branches of an `$or` joined by " | ". */
	readonly index: string;
	/** True: only a part of the index is read. False: the index gives the order only, and all documents may be read. */
	readonly narrows: boolean;
	/** The rows come in order: nothing is sorted in memory. */
	readonly ordered: boolean;
	/** The index answers the whole filter: no document is tested. */
	readonly exact: boolean;
};

/** The reads of a collection: each is planned by the indexes and runs on one snapshot of the file. */
export class SqliteReads<T extends Doc> {
	private readonly group;
	private readonly definitions;

	constructor(
		private readonly db: DatabaseSync,
		private readonly collection: string,
		private readonly documents: SqliteDocuments<T>,
		private readonly indexTables: SqliteIndexes
	) {
		this.group = groupCommitOf(db);
		this.definitions = definitionsVersionOf(db);
	}

	async findOne(where: Where<T>, options: FindOptions = {}): Promise<T | null> {
		if (typeof where._id === "string" && !options.skip) {
			// No index definition matters, so none has to be current.
			const named = await this.group.read(() => this.documents.findNamed(where));
			const doc = named?.found?.doc ?? null;
			return doc && options.fields ? projectFields(doc, options.fields) : doc;
		}
		const [doc] = await this.find(where, { ...options, limit: 1 });
		return doc ?? null;
	}

	async find(where: Where<T>, options: FindOptions = {}): Promise<T[]> {
		const { skip = 0, limit = Infinity, fields } = options;
		const id = onlyIdOf(where);
		if (id !== undefined && skip === 0 && limit > 0) {
			const doc = await this.findOne({ ...where, _id: id }, options);
			return doc ? [doc] : [];
		}
		const sort = sortOf(options);
		const docs = await this.readPlanned(
			where,
			sort,
			limit !== Infinity,
			plans => {
				const [plan] = plans;
				if (plans.length > 1 || !plan?.order) {
					const all = [...this.documents.matches(plans, where)].map(({ doc }) => doc);
					return (sort ? sortDocuments(all, sort) : all).slice(skip, skip + limit);
				}
				if (limit <= 0) return [];
				if (isCountable(plan) && limit !== Infinity && runsInOrder(plan))
					return [...this.documents.rows(plan, { skip, limit })].map(({ doc }) => doc);
				const page: T[] = [];
				let seen = 0;
				for (const { doc } of this.documents.matches(plans, where)) {
					if (seen++ < skip) continue;
					page.push(doc);
					if (page.length >= limit) break;
				}
				return page;
			},
			runsOnce
		);
		return fields ? docs.map(doc => projectFields(doc, fields)) : docs;
	}

	async count(where: Where<T>): Promise<number> {
		return this.readPlanned(where, undefined, false, plans => {
			const [plan] = plans;
			if (plans.length === 1 && plan && isCountable(plan)) return this.documents.rowCount(plan);
			let n = 0;
			for (const _ of this.documents.matches(plans, where)) n++;
			return n;
		});
	}

	async findPage(where: Where<T>, { sort, skip = 0, limit }: PageOptions): Promise<FoundPage<T>> {
		return this.readPlanned(where, sort, true, plans => {
			const [plan] = plans;
			if (plan?.order && plans.length === 1) return this.readInOrder(plan, where, sort, skip, limit);
			const candidates = plans.reduce(
				(n, one) => n + this.documents.countRows(one, MAX_DOCUMENTS_READ + 1).count,
				0
			);
			if (candidates <= MAX_DOCUMENTS_READ) {
				const all = [...this.documents.matches(plans, where)].map(({ doc }) => doc);
				return { docs: sortDocuments(all, sort).slice(skip, skip + limit) };
			}
			const ordered = this.documents.orderedPlan(where, sort);
			if (!ordered) throw tooManyDocuments(this.collection);
			return this.readInOrder(ordered, where, sort, skip, limit);
		});
	}

	private readInOrder(plan: Plan, where: Where<T>, sort: Sort, skip: number, limit: number): FoundPage<T> {
		if (isCountable(plan) && runsInOrder(plan))
			return { docs: [...this.documents.rows(plan, { skip, limit })].map(({ doc }) => doc) };
		const docs: T[] = [];
		const budget = new ReadBudget(MAX_DOCUMENTS_READ);
		let matched = 0;
		for (const { doc } of this.documents.matches([plan], where, budget)) {
			if (matched++ >= skip) docs.push(doc);
			if (docs.length >= limit) return { docs };
		}
		if (!budget.isSpent) return { docs };
		if (Object.keys(sort)[0] !== "_id" || skip > 0) throw tooManyDocuments(this.collection);
		return { docs, stoppedAt: budget.lastId };
	}

	async countUpTo(where: Where<T>, most: number): Promise<Tally> {
		return this.readPlanned(where, undefined, false, plans => {
			const [plan] = plans;
			if (plans.length === 1 && plan && isCountable(plan)) {
				const maxRows = plan.probes?.length ? Math.max(most, MAX_ROWS_COUNTED) : most;
				const { count, more } = this.documents.countRows(plan, maxRows);
				return { count: Math.min(count, most), more: more || count > most };
			}
			const budget = new ReadBudget(MAX_DOCUMENTS_READ);
			let count = 0;
			for (const _ of this.documents.matches(plans, where, budget)) if (++count > most) break;
			return { count: Math.min(count, most), more: budget.isSpent || count > most };
		});
	}

	/** The ids of all matches. */
	findIds(where: Where<T>): Promise<string[]> {
		return this.readPlanned(where, undefined, false, plans =>
			[...this.documents.matches(plans, where)].map(({ id }) => id)
		);
	}

	explain(where: Where<T>, options: FindOptions = {}): Explanation {
		const limited = options.limit !== undefined;
		this.definitions.check();
		this.indexTables.refresh();
		const plans = this.documents.plans(where, sortOf(options), limited);
		return {
			index: plans.map(plan => plan.index?.name ?? "scan").join(" | "),
			narrows: plans.every(plan => plan.narrows),
			ordered: plans.length === 1 && plans.every(plan => plan.order !== undefined),
			exact: plans.length === 1 && plans.every(plan => plan.exact)
		};
	}

	/** Plans a query and reads. One statement is a snapshot of the file by itself; several need a transaction for it. */
	private readPlanned<R>(
		where: Where<T>,
		sort: Sort | undefined,
		limited: boolean,
		work: (plans: readonly Plan[]) => R,
		isOneStatement: (plan: Plan) => boolean = runsInOrder
	): Promise<R> {
		return this.group.read(() =>
			this.definitions.runCurrent(
				() => {
					this.indexTables.refresh();
					return this.documents.plans(where, sort, limited);
				},
				plans =>
					plans.length === 1 && plans.every(isOneStatement)
						? work(plans)
						: runInReadTransaction(this.db, () => work(plans)),
				plans => plans.some(readsOwnTable)
			)
		);
	}
}

const tooManyDocuments = (collection: string) =>
	new Refusal("SERVICE_UNAVAILABLE", `Too many documents of ${collection} to read for this; narrow it`);

const sortOf = ({ sort }: FindOptions) => (sort && Object.keys(sort).length > 0 ? sort : undefined);

/** The one id that a filter names, directly or as the only one of a list. */
function onlyIdOf({ _id: id }: Where): string | undefined {
	if (typeof id !== "object" || id === null) return typeof id === "string" ? id : undefined;
	const { $in: ids, ...more } = id as { readonly $in?: unknown };
	const [only] =
		Array.isArray(ids) && ids.length === 1 && Object.keys(more).length === 0 ? (ids as unknown[]) : [];
	return typeof only === "string" ? only : undefined;
}
