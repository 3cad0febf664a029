import type { Index, Where } from "../../../infrastructure/documents/collection";
import { idsOf, type CollectionSuite, type Item } from "./suite";

export function filtersContract({ behaviour, holding, name }: CollectionSuite): void {
	describe(`${name}: filters`, () => {
		const at = (day: number) => new Date(Date.UTC(2026, 0, day));
		const docs: Item[] = [
			{
				_id: "a",
				n: 1,
				s: "alpha",
				at: at(1),
				tags: ["x", "y"],
				lines: [{ sku: "p", qty: 1 }],
				b: true
			},
			{
				_id: "b",
				n: 2,
				s: "beta.",
				at: at(2),
				tags: [],
				lines: [
					{ sku: "p", qty: 5 },
					{ sku: "q", qty: 1 }
				]
			},
			{ _id: "c", n: 3, s: "中文", at: at(3), tags: ["y"], lines: [], b: false },
			{ _id: "d", n: null, s: null, tags: "x", inner: { deep: { n: 7 } } },
			{ _id: "e", inner: { deep: null } }
		];
		const cases: [string, Where, string][] = [
			["everything", {}, "abcde"],
			["an id", { _id: "b" }, "b"],
			["ids", { _id: { $in: ["c", "a", "z"] } }, "ac"],
			["ids before a cursor", { _id: { $lt: "c" } }, "ab"],
			["equality", { n: 2 }, "b"],
			["equality by $eq", { n: { $eq: 2 } }, "b"],
			["another type", { n: "2" }, ""],
			["null, which a missing field is too", { n: null }, "de"],
			["$in with null", { n: { $in: [1, null] } }, "ade"],
			["an empty $in", { n: { $in: [] } }, ""],
			["$nin", { n: { $nin: [1, 2] } }, "cde"],
			["$ne", { n: { $ne: 1 } }, "bcde"],
			["$ne null", { n: { $ne: null } }, "abc"],
			["a range", { n: { $gt: 1, $lte: 3 } }, "bc"],
			["a range of dates", { at: { $gte: at(2) } }, "bc"],
			["a date", { at: at(1) }, "a"],
			["a range of text", { s: { $gte: "b" } }, "bc"],
			["a range never crosses types", { n: { $lt: 99 } }, "abc"],
			["a boolean", { b: false }, "c"],
			["an element of an array, or the value itself", { tags: "x" }, "ad"],
			["no element of an array", { tags: { $ne: "x" } }, "bce"],
			["a whole array", { tags: ["x", "y"] }, "a"],
			["elements by $in", { tags: { $in: ["x", "y"] } }, "acd"],
			["no element by $nin", { tags: { $nin: ["x"] } }, "bce"],
			["$all", { tags: { $all: ["x", "y"] } }, "a"],
			["$size", { tags: { $size: 0 } }, "b"],
			["$exists", { b: { $exists: true } }, "ac"],
			["$exists false", { tags: { $exists: false } }, "e"],
			["$exists of an element", { "lines.0": { $exists: true } }, "ab"],
			["a field of an element", { "lines.sku": "q" }, "b"],
			["a field of one element by its index", { "lines.1.sku": "q" }, "b"],
			["no element with a field", { "lines.sku": { $ne: "q" } }, "acde"],
			["fields of different elements", { "lines.sku": "q", "lines.qty": 5 }, "b"],
			["$elemMatch on one element", { lines: { $elemMatch: { sku: "q", qty: 5 } } }, ""],
			["$elemMatch with operators", { lines: { $elemMatch: { sku: "p", qty: { $gt: 1 } } } }, "b"],
			["$elemMatch on values", { tags: { $elemMatch: { $gt: "x" } } }, "ac"],
			["a nested field", { "inner.deep.n": 7 }, "d"],
			["a nested null", { "inner.deep": null }, "abce"],
			["$regex", { s: { $regex: "^al" } }, "a"],
			["$regex with escapes", { s: { $regex: "a\\.$" } }, "b"],
			["$regex without case", { s: { $regex: "ALPHA", $options: "i" } }, "a"],
			["$regex on Chinese", { s: { $regex: "中" } }, "c"],
			["$not", { n: { $not: { $gt: 1 } } }, "ade"],
			["$or", { $or: [{ n: 1 }, { tags: "y" }, { _id: "e" }] }, "ace"],
			["$or beside a field", { b: true, $or: [{ n: 1 }, { n: 3 }] }, "a"],
			["$and", { $and: [{ n: { $gt: 1 } }, { n: { $lt: 3 } }] }, "b"],
			["$nor", { $nor: [{ n: 1 }, { tags: "y" }] }, "bde"]
		];
		const sets: [string, Index[]][] = [
			["without an index", []],
			[
				"with indexes",
				[{ keys: { n: 1 } }, { keys: { tags: 1, n: -1 } }, { keys: { "lines.sku": 1 } }]
			],
			[
				"with others",
				[
					{ keys: { "lines.qty": 1 } },
					{ keys: { s: -1 } },
					{ keys: { at: 1 } },
					{ keys: { b: 1 }, sparse: true }
				]
			]
		];

		it.each(sets)("finds and counts the same documents %s", async (_, indexes) => {
			const items = await holding(docs, ...indexes);

			const found: Record<string, string> = {};
			for (const [title, where] of cases) {
				const ids = idsOf(await items.find(where, { sort: { _id: 1 } })).join("");
				found[title] = `${ids} (${await items.count(where)})`;
			}

			expect(found).toEqual(
				Object.fromEntries(cases.map(([title, , ids]) => [title, `${ids} (${ids.length})`]))
			);
		});

		for (const [title, indexes] of sets)
			behaviour(
				`finds and counts a range of which each end holds for another element, ${title}`,
				async () => {
					const items = await holding(docs, ...indexes);
					const where = { "lines.qty": { $gt: 1, $lt: 5 } };

					expect(idsOf(await items.find(where))).toEqual(["b"]);
					expect(await items.count(where)).toBe(1);
				}
			);

		it.each([
			["operator", { n: { $near: 1 } }],
			["operator inside $elemMatch", { tags: { $elemMatch: { $near: 1 } } }],
			["operator inside $or", { $or: [{ n: { $near: 1 } }] }],
			["top-level operator", { $text: { $search: "x" } }],
			["piece of JavaScript", { $where: "true" }],
			["undefined", { n: undefined }],
			["undefined inside", { $or: [{ n: { $in: [undefined] } }] }]
		] as [string, Where][])("refuses a filter with an unknown %s", async (_, where) => {
			const items = await holding(docs);

			await expect(items.find(where)).rejects.toThrow();
			await expect(items.count(where)).rejects.toThrow();
			await expect(items.change(where, { $set: { n: 1 } })).rejects.toThrow();
			await expect(items.remove(where)).rejects.toThrow();
			expect(await items.count({})).toBe(docs.length);
		});
	});
}
