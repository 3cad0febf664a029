import fc from "fast-check";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { find, updateOne } from "mingo";
import type { Index, Sort, Update, Where } from "../../infrastructure/documents/collection";
import { closeDatabase, openDatabase } from "../../infrastructure/sqlite-file";
import { openSqliteCollection } from "../../infrastructure/documents/sqlite/collection";
import type { Item } from "../contracts/collection.contract";

const dir = mkdtempSync(join(tmpdir(), "zjmall-store-"));
const db = openDatabase(dir);
let made = 0;
const fresh = () => openSqliteCollection<Item>(db, `items${++made}`);

afterAll(() => {
	closeDatabase(dir);
	rmSync(dir, { recursive: true });
});

const number = fc.constantFrom(-2, 0, 1, 1.5, 2, 2 ** 53);
const text = fc.constantFrom("", "a", "ab", "b", "B", "中", "a.b", "1");
const date = fc.constantFrom(-1, 0, 5, 1_767_225_600_000).map(ms => new Date(ms));
const tag = fc.constantFrom("x", "y", "z");
const line = fc.record({ sku: fc.constantFrom("p", "q", "r"), qty: fc.constantFrom(1, 2, 3) });
const fields = fc.record(
	{
		n: fc.oneof(number, text),
		s: fc.oneof(text, fc.constant(null)),
		at: date,
		b: fc.boolean(),
		tags: fc.oneof(fc.array(tag, { maxLength: 3 }), tag),
		lines: fc.array(line, { maxLength: 3 })
	},
	{ requiredKeys: ["s"] }
);
const documents = fc
	.array(fields, { maxLength: 25 })
	.map(all => all.map((doc, i) => ({ _id: `d${(i * 7) % 25}-${i}`, ...doc })));

const scalars: Record<string, fc.Arbitrary<unknown>> = {
	_id: fc.constantFrom("d0-0", "d7-1", "d1", "d14-2"),
	n: fc.oneof(number, text, fc.constant(null)),
	s: fc.oneof(text, fc.constant(null)),
	at: date,
	b: fc.boolean(),
	tags: tag,
	"lines.sku": fc.constantFrom("p", "q", "r"),
	"lines.qty": fc.constantFrom(1, 2, 3)
};
const solid = (value: unknown) => value !== null;
const condition = (value: fc.Arbitrary<unknown>) =>
	fc.oneof(
		value,
		fc.record({ $in: fc.array(value, { maxLength: 4 }) }),
		fc.record({ $nin: fc.array(value, { maxLength: 2 }) }),
		fc.record({ $ne: value }),
		fc.record({ $exists: fc.boolean() }),
		fc
			.record(
				{
					$gt: value.filter(solid),
					$gte: value.filter(solid),
					$lt: value.filter(solid),
					$lte: value.filter(solid)
				},
				{ requiredKeys: [] }
			)
			.filter(ranges => Object.keys(ranges).length > 0)
	);
const part: fc.Arbitrary<Where> = fc
	.uniqueArray(fc.constantFrom(...Object.keys(scalars)), { minLength: 1, maxLength: 3 })
	.chain(paths =>
		fc.record(Object.fromEntries(paths.map(path => [path, condition(scalars[path] ?? fc.constant(1))])))
	);
const few = fc.constantFrom("x", "y");
/** Equalities on several paths, some twice on one path, which several indexes can answer together. */
const equalities: fc.Arbitrary<Where> = fc
	.tuple(
		few,
		fc.option(few),
		fc.record(
			{ b: fc.boolean(), s: fc.constantFrom("", "a", null), n: fc.constantFrom(0, 1) },
			{ requiredKeys: [] }
		),
		fc.boolean()
	)
	.map(([one, other, rest, listed]) => ({
		tags: listed ? { $in: [one, "z"] } : one,
		...rest,
		...(other !== null && { $and: [{ tags: other }] })
	}));
const where: fc.Arbitrary<Where> = fc.oneof(
	{ weight: 4, arbitrary: equalities },
	{ weight: 1, arbitrary: fc.constant({}) },
	{ weight: 6, arbitrary: part },
	{ weight: 2, arbitrary: fc.tuple(part, part).map(([a, b]) => ({ $or: [a, b] })) },
	{ weight: 2, arbitrary: fc.tuple(part, part).map(([a, b]) => ({ ...a, $or: [a, b] })) },
	{ weight: 2, arbitrary: fc.tuple(part, part).map(([a, b]) => ({ $and: [a, b] })) }
);

const direction = fc.constantFrom<1 | -1>(1, -1);
// Sorting by scalars with the id last, so that one order is right. (mingo sorts arrays in its own way.)
const sort: fc.Arbitrary<Sort> = fc
	.tuple(fc.uniqueArray(fc.constantFrom("n", "s", "at", "b"), { maxLength: 2 }), direction, direction)
	.map(([paths, first, last]) => ({ ...Object.fromEntries(paths.map(path => [path, first])), _id: last }));

const paths = ["n", "s", "at", "b", "_id"];
const index: fc.Arbitrary<Index> = fc
	.tuple(
		fc.uniqueArray(fc.constantFrom(...paths), { maxLength: 3 }),
		fc.option(fc.constantFrom("tags", "lines.sku", "lines.qty")),
		fc.nat(3),
		fc.array(direction, { minLength: 4, maxLength: 4 }),
		fc.boolean()
	)
	.map(([scalar, list, at, directions, sparse]) => {
		const keys = list ? scalar.toSpliced(Math.min(at, scalar.length), 0, list) : scalar;
		return { keys: Object.fromEntries(keys.map((path, i) => [path, directions[i] ?? 1])), sparse };
	})
	.filter(({ keys }) => Object.keys(keys).length > 0);
const indexes = fc.uniqueArray(index, { maxLength: 4, selector: ({ keys }) => JSON.stringify(keys) });

it("answers alike with any indexes, without one, and as mingo does over an array", async () => {
	await fc.assert(
		fc.asyncProperty(
			documents,
			indexes,
			fc.array(fc.tuple(where, sort, fc.nat(4), fc.integer({ min: 1, max: 30 })), {
				minLength: 1,
				maxLength: 5
			}),
			async (docs, declared, queries) => {
				const [before, after] = [fresh(), fresh()];
				for (const one of declared) await before.index(one);
				await before.insertMissing(docs);
				await after.insertMissing(docs);
				for (const one of declared) await after.index(one);

				for (const [filter, order, skip, limit] of queries) {
					const all = find<Item>([...docs], { ...filter })
						.sort({ ...order })
						.all();
					for (const items of [before, after]) {
						expect(await items.find(filter, { sort: order })).toEqual(all);
						expect(await items.find(filter, { sort: order, skip, limit })).toEqual(
							all.slice(skip, skip + limit)
						);
						expect(await items.count(filter)).toBe(all.length);
					}
				}
			}
		),
		{ numRuns: Number(process.env["RUNS"] ?? 150) }
	);
});

const change: fc.Arbitrary<Update> = fc
	.uniqueArray(
		fc.oneof(
			fc.tuple(fc.constantFrom("$set", "$min", "$max"), fc.constant("n"), number),
			fc.tuple(fc.constant("$set"), fc.constantFrom("s", "o.deep.s"), text),
			fc.tuple(fc.constant("$set"), fc.constantFrom("at", "o.at"), date),
			fc.tuple(fc.constant("$inc"), fc.constantFrom("c", "o.c"), fc.integer({ min: -3, max: 3 })),
			fc.tuple(fc.constant("$mul"), fc.constantFrom("c", "o.c"), fc.integer({ min: 1, max: 3 })),
			fc.tuple(fc.constant("$unset"), fc.constantFrom("s", "at", "n", "lines", "o.x"), fc.constant("")),
			fc.tuple(fc.constant("$push"), fc.constant("lines"), line),
			fc.tuple(
				fc.constant("$pull"),
				fc.constant("lines"),
				fc.record({ sku: fc.constantFrom("p", "q") })
			),
			fc.tuple(fc.constant("$addToSet"), fc.constant("set"), tag),
			fc.tuple(fc.constant("$rename"), fc.constant("b"), fc.constantFrom("renamed", "o.b"))
		),
		{ minLength: 1, maxLength: 4, selector: ([, path]) => path }
	)
	.map(steps => {
		const update: Record<string, Record<string, unknown>> = {};
		for (const [operator, path, operand] of steps) (update[operator] ??= {})[path] = operand;
		return update;
	});

it("changes documents as mingo does, and its indexes with them", async () => {
	await fc.assert(
		fc.asyncProperty(
			documents.filter(docs => docs.length > 0),
			indexes,
			fc.array(change, { minLength: 1, maxLength: 5 }),
			where,
			async (docs, declared, changes, filter) => {
				const items = fresh();
				for (const one of declared) await items.index(one);
				await items.insertMissing(docs);
				const expected: Record<string, unknown>[] = docs.map(doc => ({ ...structuredCloned(doc) }));

				for (const [i, update] of changes.entries()) {
					const _id = docs[i % docs.length]?._id ?? "";
					await items.change({ _id }, update);
					const modifier: Record<string, Record<string, any>> = structuredCloned(update);
					updateOne(expected, { _id }, modifier, { cloneMode: "deep" });
				}

				expect(await items.find({}, { sort: { _id: 1 } })).toEqual(
					find(expected, {}).sort({ _id: 1 }).all()
				);
				expect(await items.find(filter, { sort: { _id: 1 } })).toEqual(
					find(expected, { ...filter })
						.sort({ _id: 1 })
						.all()
				);
			}
		),
		{ numRuns: Number(process.env["RUNS"] ?? 150) }
	);
});

/** `structuredClone` for mingo: under jest the built-in one makes objects of another realm, which mingo takes for class instances. */
function structuredCloned<V>(value: V): V {
	if (value instanceof Date) return new Date(value) as V;
	if (Array.isArray(value)) return value.map(structuredCloned) as V;
	if (typeof value !== "object" || value === null) return value;
	return Object.fromEntries(
		Object.entries(value).map(([key, field]) => [key, structuredCloned(field)])
	) as V;
}
