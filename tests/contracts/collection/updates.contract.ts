import type { Update } from "../../../infrastructure/documents/collection";
import type { CollectionSuite } from "./suite";

export function updatesContract({ behaviour, holding, name }: CollectionSuite): void {
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

		it.each(cases)("applies %s", async (_, before, update, after) => {
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

		it("filters arrays inside arrays, and arrays of values", async () => {
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

		it("leaves a document as it was when no element passes the array filter", async () => {
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
		] as [string, Update][])("refuses an update with %s, and stores nothing", async (_, update) => {
			const doc = { _id: "a", n: 1, s: "text", l: [1], o: { x: 0 } };
			const items = await holding([doc]);

			await expect(items.change({ _id: "a" }, update)).rejects.toThrow();

			expect(await items.find({})).toEqual([doc]);
		});

		it("passes over undefined fields, and does nothing where no other is left", async () => {
			const items = await holding([{ _id: "a", n: 1 }]);

			const nothing = await items.change({ _id: "a" }, { $set: { n: undefined } });
			const some = await items.change({ _id: "a" }, { $set: { n: undefined, m: { x: undefined } } });

			expect(nothing).toEqual({ _id: "a", n: 1 });
			expect(some).toEqual({ _id: "a", n: 1, m: {} });
			expect(await items.changeMany({ n: 1 }, { $set: { n: undefined } })).toBe(1);
		});

		it("counts a match that changeMany left as it was", async () => {
			const items = await holding([
				{ _id: "a", n: 1 },
				{ _id: "b", n: 2 }
			]);

			expect(await items.changeMany({}, { $set: { n: 2 } })).toBe(2);
		});

		it("changes every match by changeMany, and says how many there were", async () => {
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
}
