import type { Collection, Doc, Index, Sort, Update, Where } from "../../infrastructure/documents/collection";
import { DuplicateKey } from "../../infrastructure/documents/collection";

export type Item = Doc & Readonly<Record<string, unknown>>;

/**
 * What every implementation of `Collection` does alike. `makeCollection` gives a new, empty one at each call. Nothing here
 * needs a partial index, the positional `$`, a pipeline, a transaction or a text index. `gaps` are titles of tests that a
 * stand-in for MongoDB fails; no service may need what they show.
 */
export function collectionContract(
	name: string,
	makeCollection: () => Promise<Collection<Item>>,
	gaps: readonly string[] = []
): void {
	const behaviour = (title: string, test: () => Promise<void>) =>
		(gaps.includes(title) ? it.skip : it)(title, test);
	const holding = async (docs: readonly Item[], ...indexes: Index[]): Promise<Collection<Item>> => {
		const items = await makeCollection();
		for (const index of indexes) await items.index(index);
		await items.insertMissing(docs);
		return items;
	};
	const idsOf = (docs: readonly Doc[]) => docs.map(doc => doc._id);

	describe(`${name}: documents`, () => {
		const whole = {
			_id: "a",
			text: "中文 🙂 \u0000 ｆ 'quoted' \"$date\"",
			largest: Number.MAX_SAFE_INTEGER,
			fraction: 0.1,
			yes: true,
			nothing: null,
			none: [],
			empty: {},
			at: new Date("2026-03-01T10:00:00.123Z"),
			before1970: new Date(-1),
			deep: [{ at: new Date(0), list: [[new Date(1)], [], [null, 1, "x", false]] }]
		};

		it("come back as they went in: dates, unicode, large integers, empty arrays, nulls", async () => {
			const items = await holding([whole]);

			const found = await items.findOne({ _id: "a" });

			expect(found).toEqual(whole);
		});

		it("lose undefined fields and keep null ones", async () => {
			const items = await holding([{ _id: "a", gone: undefined, kept: null, in: { gone: undefined } }]);

			const found = await items.findOne({ _id: "a" });

			expect(Object.keys(found ?? {})).toEqual(["_id", "kept", "in"]);
			expect(found?.["in"]).toEqual({});
		});

		it("are another object at each read, and not the one that was inserted", async () => {
			const tags = ["x"];
			const items = await holding([{ _id: "a", tags }]);
			tags.push("later");

			const [one, two] = [await items.findOne({ _id: "a" }), await items.findOne({ _id: "a" })];

			expect(one).toEqual({ _id: "a", tags: ["x"] });
			expect(one).not.toBe(two);
			expect(one?.["tags"]).not.toBe(two?.["tags"]);
		});

		it("share nothing with the update that changed them", async () => {
			const items = await holding([{ _id: "a" }]);
			const value = { list: [1] };
			const changed = await items.change({ _id: "a" }, { $set: { value }, $push: { all: value } });
			value.list.push(2);

			expect(changed).toEqual({ _id: "a", value: { list: [1] }, all: [{ list: [1] }] });
			expect(await items.findOne({})).toEqual(changed);
		});

		it("answer null, an empty list and zero when there is none", async () => {
			const items = await holding([]);

			expect(await items.findOne({ _id: "a" })).toBeNull();
			expect(await items.find({ x: 1 })).toEqual([]);
			expect(await items.count({})).toBe(0);
			expect(await items.change({ _id: "a" }, { $set: { x: 1 } })).toBeNull();
			expect(await items.changeMany({}, { $set: { x: 1 } })).toBe(0);
			expect(await items.remove({})).toBe(0);
		});

		it("are removed where the filter matches", async () => {
			const items = await holding([
				{ _id: "a", n: 1 },
				{ _id: "b", n: 2 },
				{ _id: "c", n: 2 }
			]);

			const removed = await items.remove({ n: 2 });

			expect(removed).toBe(2);
			expect(idsOf(await items.find({}))).toEqual(["a"]);
		});
	});

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
			["a range of which each end holds for another element", { "lines.qty": { $gt: 1, $lt: 5 } }, "b"],
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

		describe.each(sets)("%s", (_, indexes) => {
			for (const [title, where, expected] of cases)
				behaviour(`find and count ${title}`, async () => {
					const items = await holding(docs, ...indexes);

					const found = await items.find(where, { sort: { _id: 1 } });

					expect(idsOf(found).join("")).toBe(expected);
					expect(await items.count(where)).toBe(expected.length);
				});
		});

		it.each([
			["operator", { n: { $near: 1 } }],
			["operator inside $elemMatch", { tags: { $elemMatch: { $near: 1 } } }],
			["operator inside $or", { $or: [{ n: { $near: 1 } }] }],
			["top-level operator", { $text: { $search: "x" } }],
			["piece of JavaScript", { $where: "true" }],
			["undefined", { n: undefined }],
			["undefined inside", { $or: [{ n: { $in: [undefined] } }] }]
		] as [string, Where][])("refuse an unknown %s", async (_, where) => {
			const items = await holding(docs);

			await expect(items.find(where)).rejects.toThrow();
			await expect(items.count(where)).rejects.toThrow();
			await expect(items.change(where, { $set: { n: 1 } })).rejects.toThrow();
			await expect(items.remove(where)).rejects.toThrow();
			expect(await items.count({})).toBe(docs.length);
		});
	});

	describe(`${name}: order and pages`, () => {
		const mixed: Item[] = [
			{ _id: "a", v: new Date(5) },
			{ _id: "b", v: "b" },
			{ _id: "c", v: 10 },
			{ _id: "d", v: true },
			{ _id: "e" },
			{ _id: "f", v: 9 },
			{ _id: "g", v: "B" },
			{ _id: "h", v: new Date(-5) },
			{ _id: "i", v: -1.5 },
			{ _id: "j", v: null },
			{ _id: "k", v: false }
		];

		it.each([
			["an index", [{ keys: { v: 1 } }]],
			["an index the other way round", [{ keys: { v: -1, _id: -1 } }]],
			["no index", []]
		] as [string, Index[]][])("puts types in MongoDB's order with %s", async (_, indexes) => {
			const items = await holding(mixed, ...indexes);

			const up = await items.find({}, { sort: { v: 1, _id: 1 } });
			const down = await items.find({}, { sort: { v: -1, _id: -1 }, limit: 100 });

			expect(idsOf(up).join("")).toBe("ejifcgbkdha");
			expect(idsOf(down).join("")).toBe("ahdkbgcfije");
		});

		it.each([
			["an index", [{ keys: { v: 1 } }]],
			["no index", []]
		] as [string, Index[]][])(
			"sorts arrays by the lowest or highest element with %s",
			async (_, indexes) => {
				const items = await holding(
					[
						{ _id: "a", v: [5, 1] },
						{ _id: "b", v: 3 },
						{ _id: "c", v: [2, 9] },
						{ _id: "d", v: [] },
						{ _id: "e" }
					],
					...indexes
				);

				const up = await items.find({}, { sort: { v: 1 }, limit: 10 });
				const down = await items.find({}, { sort: { v: -1 }, limit: 10 });

				expect(idsOf(up).join("")).toBe("deacb");
				expect(idsOf(down).join("")).toBe("cabed");
			}
		);

		it("walks pages by skip and limit, and by a cursor, over each document once", async () => {
			const all = Array.from({ length: 45 }, (_, i) => ({
				_id: `p${String(i).padStart(2, "0")}`,
				userId: i % 3 === 0 ? "u" : "v",
				price: i % 4
			}));
			const items = await holding(
				all,
				{ keys: { userId: 1, _id: -1 } },
				{ keys: { userId: 1, price: 1 } }
			);
			const expected = idsOf(all.filter(({ userId }) => userId === "u")).reverse();

			const pages: string[] = [];
			for (let skip = 0; skip < 20; skip += 4)
				pages.push(
					...idsOf(await items.find({ userId: "u" }, { sort: { _id: -1 }, skip, limit: 4 }))
				);
			const walked: string[] = [];
			for (let cursor = "~"; ;) {
				const where = { userId: "u", _id: { $lt: cursor } };
				const page = await items.find(where, { sort: { _id: -1 }, limit: 4 });
				walked.push(...idsOf(page));
				const last = page.at(-1);
				if (!last) break;
				cursor = last._id;
			}

			expect(pages).toEqual(expected);
			expect(walked).toEqual(expected);
		});

		it("skips over a whole list, and answers nothing after its end", async () => {
			const items = await holding(mixed);

			expect(idsOf(await items.find({}, { sort: { _id: 1 }, skip: 9 }))).toEqual(["j", "k"]);
			expect(await items.find({}, { sort: { _id: 1 }, skip: 11, limit: 5 })).toEqual([]);
		});

		it.each([
			["in an index's order", { _id: 1 }],
			["sorted", { v: 1 }],
			["as they come", {}]
		] as [string, Sort][])("answers none to a limit of 0, %s", async (_, sort) => {
			const items = await holding(mixed);

			expect(await items.find({}, { sort, limit: 0 })).toEqual([]);
			expect(await items.find({}, { sort, limit: 0, skip: 1 })).toEqual([]);
		});

		it("merges the lists of an $in into one order", async () => {
			const all = Array.from({ length: 30 }, (_, i) => ({
				_id: `p${i + 10}`,
				status: `s${i % 3}`,
				price: i % 7
			}));
			const items = await holding(all, { keys: { status: 1, price: 1 } });

			const found = await items.find(
				{ status: { $in: ["s0", "s2", "s0"] } },
				{ sort: { price: 1, _id: 1 }, limit: 12 }
			);

			const expected = all
				.filter(doc => doc.status !== "s1")
				.sort((a, b) => a.price - b.price || (a._id < b._id ? -1 : 1));
			expect(found).toEqual(expected.slice(0, 12));
		});

		it("brings only the fields asked for, and the id", async () => {
			const items = await holding([
				{ _id: "a", n: 1, inner: { x: 1, y: 2 }, lines: [{ sku: "p", qty: 1 }, { qty: 2 }], big: "…" }
			]);

			const [found] = await items.find({}, { fields: ["n", "inner.y", "lines.sku", "missing"] });

			expect(found).toEqual({ _id: "a", n: 1, inner: { y: 2 }, lines: [{ sku: "p" }, {}] });
		});
	});

	describe(`${name}: updates`, () => {
		const now = new Date("2026-05-05T00:00:00Z");
		const cases: [string, Record<string, unknown>, Update, Record<string, unknown>][] = [
			["$set", { n: 1 }, { $set: { n: 2, "a.b": now, c: null } }, { n: 2, a: { b: now }, c: null }],
			["$set of an element", { l: [1, 2] }, { $set: { "l.1": 9 } }, { l: [1, 9] }],
			["$set past the end", { l: [1] }, { $set: { "l.3": 9 } }, { l: [1, null, null, 9] }],
			["$set of an element's field", { l: [{ q: 1 }] }, { $set: { "l.0.q": 2 } }, { l: [{ q: 2 }] }],
			["$unset", { n: 1, a: { b: 1, c: 2 } }, { $unset: { n: "", "a.b": "", z: "" } }, { a: { c: 2 } }],
			["$inc", { n: 1 }, { $inc: { n: -3, m: 2, "a.k": 1 } }, { n: -2, m: 2, a: { k: 1 } }],
			["$inc to 2^53 - 1", { n: 2 ** 53 - 2 }, { $inc: { n: 1 } }, { n: 2 ** 53 - 1 }],
			["$mul", { n: 3 }, { $mul: { n: 2, m: 5 } }, { n: 6, m: 0 }],
			[
				"$min",
				{ n: 5, at: now },
				{ $min: { n: 3, m: 1, at: new Date(0) } },
				{ n: 3, m: 1, at: new Date(0) }
			],
			["$min that is above", { n: 5 }, { $min: { n: 8 } }, { n: 5 }],
			["$max", { n: 5, s: "b" }, { $max: { n: 8, s: "a" } }, { n: 8, s: "b" }],
			["$push", { l: [1] }, { $push: { l: 2, m: { at: now } } }, { l: [1, 2], m: [{ at: now }] }],
			["$push of an array", { l: [1] }, { $push: { l: [2] } }, { l: [1, [2]] }],
			["$push $each", { l: [1] }, { $push: { l: { $each: [2, 3] } } }, { l: [1, 2, 3] }],
			[
				"$push $slice of the last",
				{ l: [1, 2] },
				{ $push: { l: { $each: [3], $slice: -2 } } },
				{ l: [2, 3] }
			],
			[
				"$push $slice of the first",
				{ l: [1] },
				{ $push: { l: { $each: [2, 3], $slice: 2 } } },
				{ l: [1, 2] }
			],
			["$push $slice at first", {}, { $push: { l: { $each: [1, 2, 3], $slice: -2 } } }, { l: [2, 3] }],
			["$push $slice of none", { l: [1] }, { $push: { l: { $each: [2], $slice: 0 } } }, { l: [] }],
			["$pull of a value", { l: [1, 2, 1] }, { $pull: { l: 1 } }, { l: [2] }],
			["$pull by operator", { l: [1, 5, 9] }, { $pull: { l: { $gte: 5 } } }, { l: [1] }],
			["$pull by $in", { l: ["a", "b", "c"] }, { $pull: { l: { $in: ["a", "c"] } } }, { l: ["b"] }],
			[
				"$pull of objects",
				{
					l: [
						{ id: 1, q: 1 },
						{ id: 2, q: 5 },
						{ id: 1, q: 9 }
					]
				},
				{ $pull: { l: { id: 1, q: { $gt: 1 } } } },
				{
					l: [
						{ id: 1, q: 1 },
						{ id: 2, q: 5 }
					]
				}
			],
			["$pull from nothing", { n: 1 }, { $pull: { l: 1 } }, { n: 1 }],
			["$addToSet", { l: [1, 1] }, { $addToSet: { l: 2, m: 1 } }, { l: [1, 1, 2], m: [1] }],
			[
				"$addToSet of one there",
				{ l: [{ a: now }] },
				{ $addToSet: { l: { a: now } } },
				{ l: [{ a: now }] }
			],
			["$addToSet $each", { l: [1] }, { $addToSet: { l: { $each: [1, 2, 2] } } }, { l: [1, 2] }],
			[
				"$rename",
				{ n: 1, a: { b: 2 } },
				{ $rename: { n: "m", "a.b": "a.c", z: "y" } },
				{ m: 1, a: { c: 2 } }
			],
			[
				"several",
				{ n: 1, l: [] },
				{ $inc: { n: 1 }, $push: { l: "x" }, $set: { m: 1 } },
				{ n: 2, l: ["x"], m: 1 }
			],
			[
				"every element",
				{ l: [{ q: 1 }, { q: 2 }] },
				{ $inc: { "l.$[].q": 1 } },
				{ l: [{ q: 2 }, { q: 3 }] }
			]
		];

		it.each(cases)("apply %s", async (_, before, update, after) => {
			const items = await holding([{ _id: "a", ...before }]);

			const changed = await items.change({ _id: "a" }, update);

			expect(changed).toEqual({ _id: "a", ...after });
			expect(await items.findOne({ _id: "a" })).toEqual(changed);
		});

		behaviour(
			"change the elements that an array filter names, several fields of them at once",
			async () => {
				const items = await holding([
					{
						_id: "a",
						lines: [
							{ sku: "p", state: "open", n: 1 },
							{ sku: "q", state: "open", n: 1 },
							{ sku: "p", state: "done", n: 1 }
						]
					}
				]);

				const changed = await items.change(
					{ _id: "a" },
					{
						$set: { "lines.$[l].state": "done", "lines.$[l].at": now },
						$inc: { "lines.$[l].n": 1 }
					},
					{ arrayFilters: [{ "l.sku": "p", "l.state": "open" }] }
				);

				expect(changed?.["lines"]).toEqual([
					{ sku: "p", state: "done", n: 2, at: now },
					{ sku: "q", state: "open", n: 1 },
					{ sku: "p", state: "done", n: 1 }
				]);
			}
		);

		it("filter arrays inside arrays, and arrays of values", async () => {
			const items = await holding([
				{
					_id: "a",
					groups: [
						{ k: 1, marks: [1, 5] },
						{ k: 2, marks: [5] }
					]
				}
			]);

			const changed = await items.change(
				{ _id: "a" },
				{ $set: { "groups.$[g].marks.$[m]": 0 } },
				{ arrayFilters: [{ "g.k": 1 }, { m: { $gte: 5 } }] }
			);

			expect(changed?.["groups"]).toEqual([
				{ k: 1, marks: [1, 0] },
				{ k: 2, marks: [5] }
			]);
		});

		it("leave the document as it was when no element passes the array filter", async () => {
			const items = await holding([{ _id: "a", l: [{ k: 1 }] }]);

			const changed = await items.change(
				{ _id: "a" },
				{ $set: { "l.$[e].k": 2 } },
				{ arrayFilters: [{ "e.k": 9 }] }
			);

			expect(changed).toEqual({ _id: "a", l: [{ k: 1 }] });
		});

		it.each([
			["an unknown operator", { $frob: { n: 1 } }],
			["the positional $", { $set: { "l.$": 2 } }],
			["a class instance", { $set: { n: new Map() } }],
			["not a number", { $set: { n: Number.NaN } }],
			["undefined in a condition", { $pull: { l: { $in: [undefined] } } }],
			["an unknown modifier", { $push: { l: { $each: [1], $frob: 1 } } }],
			["a changed id", { $set: { _id: "b" } }],
			["two changes of one place", { $set: { n: 1 }, $inc: { n: 1 } }],
			["a change of a place and inside it", { $set: { o: {}, "o.x": 1 } }],
			["counting with text", { $inc: { s: 1 } }],
			["counting by text", { $inc: { n: "1" } }],
			["pushing onto text", { $push: { s: 1 } }],
			["a field of a number", { $set: { "n.x": 1 } }],
			["a named field of an array", { $set: { "l.x": 1 } }],
			["an array filter that is missing", { $set: { "l.$[e]": 1 } }]
		] as [string, Update][])("refuse %s, and store nothing", async (_, update) => {
			const doc = { _id: "a", n: 1, s: "text", l: [1], o: { x: 0 } };
			const items = await holding([doc]);

			await expect(items.change({ _id: "a" }, update)).rejects.toThrow();

			expect(await items.find({})).toEqual([doc]);
		});

		it("pass over undefined fields, and do nothing where no other is left", async () => {
			const items = await holding([{ _id: "a", n: 1 }]);

			const nothing = await items.change({ _id: "a" }, { $set: { n: undefined } });
			const some = await items.change({ _id: "a" }, { $set: { n: undefined, m: { x: undefined } } });

			expect(nothing).toEqual({ _id: "a", n: 1 });
			expect(some).toEqual({ _id: "a", n: 1, m: {} });
			expect(await items.changeMany({ n: 1 }, { $set: { n: undefined } })).toBe(1);
		});

		it("changeMany counts a match that it left as it was", async () => {
			const items = await holding([
				{ _id: "a", n: 1 },
				{ _id: "b", n: 2 }
			]);

			expect(await items.changeMany({}, { $set: { n: 2 } })).toBe(2);
		});

		it("changeMany changes every match and says how many there were", async () => {
			const items = await holding(
				Array.from({ length: 250 }, (_, i) => ({
					_id: `i${i}`,
					n: i,
					state: i % 2 ? "odd" : "even"
				})),
				{ keys: { state: 1 } }
			);

			const changed = await items.changeMany(
				{ state: "odd" },
				{ $set: { state: "seen" }, $inc: { n: 1_000 } }
			);

			expect(changed).toBe(125);
			expect(await items.count({ state: "seen", n: { $gte: 1_000 } })).toBe(125);
			expect(await items.count({ state: "odd" })).toBe(0);
		});
	});

	describe(`${name}: guarded writes`, () => {
		it("sell exactly what is there to 1,000 concurrent buyers", async () => {
			const items = await holding([{ _id: "sku", available: 100, sold: 0 }]);

			const answers = await Promise.all(
				Array.from({ length: 1_000 }, () =>
					items.change({ _id: "sku", available: { $gte: 1 } }, { $inc: { available: -1, sold: 1 } })
				)
			);

			expect(answers.filter(answer => answer !== null)).toHaveLength(100);
			expect(await items.findOne({ _id: "sku" })).toEqual({ _id: "sku", available: 0, sold: 100 });
		});

		it.each(["inFlight.id", "holds.order"])(
			"count one reservation once, guarded by $ne on %s",
			async path => {
				const [list = "", key = ""] = path.split(".");
				const items = await holding([{ _id: "sku", available: 10, [list]: [{ [key]: "other" }] }]);
				const reserve = () =>
					items.change(
						{ _id: "sku", available: { $gte: 2 }, [path]: { $ne: "o1" } },
						{ $inc: { available: -2 }, $push: { [list]: { [key]: "o1" } } }
					);

				const answers = await Promise.all([reserve(), reserve(), reserve()]);

				expect(answers.filter(answer => answer !== null)).toHaveLength(1);
				expect(await items.findOne({})).toMatchObject({
					available: 8,
					[list]: [{ [key]: "other" }, { [key]: "o1" }]
				});
			}
		);

		it("answer null and change nothing where the guard fails", async () => {
			const doc = { _id: "a", status: "paid" };
			const items = await holding([doc]);

			const answer = await items.change(
				{ _id: "a", status: "pending" },
				{ $set: { status: "cancelled" } }
			);

			expect(answer).toBeNull();
			expect(await items.find({})).toEqual([doc]);
		});

		it("change one document where several match", async () => {
			const items = await holding([
				{ _id: "a", n: 0 },
				{ _id: "b", n: 0 }
			]);

			await items.change({ n: 0 }, { $inc: { n: 1 } });

			expect(await items.count({ n: 1 })).toBe(1);
		});
	});

	describe(`${name}: unique indexes`, () => {
		const conflict = (index: string) => expect.objectContaining({ name: "DuplicateKey", index });
		const rejection = async (work: Promise<unknown>): Promise<unknown> =>
			work.then(
				() => undefined,
				(err: unknown) => err
			);

		it("refuse a second document with the same id", async () => {
			const items = await holding([{ _id: "a", n: 1 }]);

			const err = await rejection(items.insert({ _id: "a", n: 2 }));

			expect(err).toBeInstanceOf(DuplicateKey);
			expect(err).toEqual(conflict("_id"));
			expect(await items.find({})).toEqual([{ _id: "a", n: 1 }]);
		});

		it("let an import add what is missing only, and each document is one caller's of many at once", async () => {
			const items = await holding([{ _id: "b", n: 0 }]);
			const wanted = ["a", "b", "c", "d"].map(_id => ({ _id, n: 1 }));

			const added = await Promise.all(Array.from({ length: 5 }, () => items.insertMissing(wanted)));

			expect(added.flat().sort((a, b) => (a._id < b._id ? -1 : 1))).toEqual(
				wanted.filter(({ _id }) => _id !== "b")
			);
			expect(await items.find({}, { sort: { _id: 1 } })).toEqual(
				wanted.map(doc => (doc._id === "b" ? { _id: "b", n: 0 } : doc))
			);
		});

		it("are not passed over by an import: only an id may be there already", async () => {
			const items = await holding([{ _id: "a", k: 1 }], { keys: { k: 1 }, unique: true });

			const err = await rejection(
				items.insertMissing([
					{ _id: "a", k: 5 },
					{ _id: "b", k: 1 }
				])
			);

			expect(err).toEqual(conflict("k"));
			expect(await items.find({})).toEqual([{ _id: "a", k: 1 }]);
		});

		it("refuse the second of a compound key, by insert and by change, and store nothing of it", async () => {
			const items = await holding([{ _id: "a", userId: "u", key: "k", n: 1 }], {
				keys: { userId: 1, key: 1 },
				unique: true
			});
			await items.insert({ _id: "b", userId: "u", key: "l", n: 1 });

			const inserted = await rejection(items.insert({ _id: "c", userId: "u", key: "k" }));
			const changed = await rejection(
				items.change({ _id: "b" }, { $set: { key: "k" }, $inc: { n: 1 } })
			);

			expect(inserted).toEqual(conflict("userId,key"));
			expect(changed).toEqual(conflict("userId,key"));
			expect(await items.findOne({ _id: "b" })).toEqual({ _id: "b", userId: "u", key: "l", n: 1 });
			expect(await items.count({})).toBe(2);
		});

		it("let concurrent inserts of one key win once", async () => {
			const items = await holding([], { keys: { userId: 1, key: 1 }, unique: true });

			const answers = await Promise.allSettled(
				Array.from({ length: 50 }, (_, i) => items.insert({ _id: `o${i}`, userId: "u", key: "k" }))
			);

			expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
			expect(await items.count({ userId: "u", key: "k" })).toBe(1);
		});

		it("count a missing field as null, which conflicts", async () => {
			const items = await holding([{ _id: "a" }], { keys: { phone: 1 }, unique: true });

			expect(await rejection(items.insert({ _id: "b" }))).toEqual(conflict("phone"));
			expect(await rejection(items.insert({ _id: "c", phone: null }))).toEqual(conflict("phone"));
			expect(await rejection(items.insert({ _id: "d", phone: "1" }))).toBeUndefined();
		});

		it("hold only while the field exists, when sparse", async () => {
			const items = await holding([{ _id: "a", liveKey: "k" }, { _id: "b" }, { _id: "c" }], {
				keys: { liveKey: 1 },
				unique: true,
				sparse: true
			});

			const before = await rejection(items.change({ _id: "b" }, { $set: { liveKey: "k" } }));
			await items.change({ _id: "a" }, { $unset: { liveKey: "" } });
			const after = await rejection(items.change({ _id: "b" }, { $set: { liveKey: "k" } }));

			expect(before).toEqual(conflict("liveKey"));
			expect(after).toBeUndefined();
			expect(idsOf(await items.find({ liveKey: "k" }))).toEqual(["b"]);
			expect(await items.count({ liveKey: null })).toBe(2);
		});

		it("hold for the elements of arrays across documents, not within one", async () => {
			const items = await holding([{ _id: "a", skus: [{ code: "p" }, { code: "p" }, { code: "q" }] }], {
				keys: { "skus.code": 1 },
				unique: true
			});

			const other = await rejection(items.insert({ _id: "b", skus: [{ code: "r" }, { code: "q" }] }));
			const own = await rejection(items.change({ _id: "a" }, { $push: { skus: { code: "q" } } }));
			await items.change({ _id: "a" }, { $pull: { skus: { code: "q" } } });
			const freed = await rejection(items.insert({ _id: "b", skus: [{ code: "r" }, { code: "q" }] }));

			expect(other).toEqual(conflict("skus.code"));
			expect(own).toBeUndefined();
			expect(freed).toBeUndefined();
			expect(idsOf(await items.find({ "skus.code": "q" }))).toEqual(["b"]);
		});

		it("free the key of a removed document", async () => {
			const items = await holding([{ _id: "a", k: 1 }], { keys: { k: 1 }, unique: true });
			await items.remove({ _id: "a" });

			expect(await rejection(items.insert({ _id: "b", k: 1 }))).toBeUndefined();
		});

		it("tell dates, numbers, text and booleans apart", async () => {
			const values = [1, "1", true, new Date(1), new Date(2), 2, "2", false, null, 1.5];
			const docs = values.map((k, i) => ({ _id: `d${i}`, k }));

			const items = await holding(docs, { keys: { k: 1 }, unique: true });

			for (const doc of docs) expect(await items.find({ k: doc.k })).toEqual([doc]);
		});

		it("are declared twice without effect, and over documents that are there already", async () => {
			const items = await holding([
				{ _id: "a", k: 1 },
				{ _id: "b", k: 2 }
			]);
			await items.index({ keys: { k: 1 }, unique: true });
			await items.index({ keys: { k: 1 }, unique: true });

			expect(await rejection(items.insert({ _id: "c", k: 2 }))).toEqual(conflict("k"));
			expect(idsOf(await items.find({ k: 2 }))).toEqual(["b"]);
		});

		it("tell which there are", async () => {
			const indexes = [
				{ keys: { userId: 1, _id: -1 }, unique: false, sparse: false },
				{ keys: { "skus.code": 1 }, unique: true, sparse: false },
				{ keys: { liveKey: -1 }, unique: true, sparse: true }
			] as const;
			const items = await holding([{ _id: "a" }]);
			const before = await items.indexes();

			for (const index of indexes) await items.index(index);

			expect(before).toEqual([]);
			const after = await items.indexes();
			expect(after).toEqual(expect.arrayContaining([...indexes]));
			expect(after).toHaveLength(3);
			expect(after.map(({ keys }) => Object.keys(keys))).toContainEqual(["userId", "_id"]);
		});

		it("cannot be declared again with other options", async () => {
			const items = await holding([{ _id: "a", k: 1 }], { keys: { k: 1 } });

			await expect(items.index({ keys: { k: 1 }, unique: true })).rejects.toThrow(
				"k with other options"
			);
		});

		it("cannot be declared over documents that conflict already", async () => {
			const items = await holding([
				{ _id: "a", k: 1 },
				{ _id: "b", k: 1 }
			]);

			await expect(items.index({ keys: { k: 1 }, unique: true })).rejects.toThrow();

			await items.insert({ _id: "c", k: 1 });
			expect(await items.count({ k: 1 })).toBe(3);
		});
	});
}
