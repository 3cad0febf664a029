import type { Index, Sort } from "../../../infrastructure/documents/collection";
import { idsOf, type CollectionSuite, type Item } from "./suite";

export function orderContract({ holding, name }: CollectionSuite): void {
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

		it("finds a page in an order and counts matches up to a number", async () => {
			const docs = Array.from({ length: 25 }, (_, i) => ({
				_id: String(i).padStart(2, "0"),
				kind: i % 2 ? "odd" : "even",
				size: i % 5
			}));
			const items = await holding(
				docs,
				{ keys: { kind: 1, _id: -1 } },
				{ keys: { kind: 1, size: 1, _id: 1 } }
			);
			const odd = { kind: "odd" };

			const newest = await items.findPage(odd, { sort: { _id: -1 }, skip: 2, limit: 3 });
			const bySize = await items.findPage(odd, { sort: { size: 1, _id: 1 }, limit: 4 });
			const tested = await items.findPage({ ...odd, size: 3 }, { sort: { _id: -1 }, limit: 10 });

			expect(idsOf(newest.docs)).toEqual(["19", "17", "15"]);
			expect(idsOf(bySize.docs)).toEqual(["05", "15", "01", "11"]);
			expect(idsOf(tested.docs)).toEqual(["23", "13", "03"]);
			expect(await items.countUpTo(odd, 12)).toEqual({ count: 12, more: false });
			expect(await items.countUpTo(odd, 11)).toEqual({ count: 11, more: true });
			expect(await items.countUpTo({ ...odd, size: { $ne: 3 } }, 8)).toEqual({ count: 8, more: true });
			expect(await items.countUpTo({ ...odd, size: { $ne: 3 } }, 9)).toEqual({ count: 9, more: false });
			expect(await items.countUpTo({ kind: { $in: ["odd", "even"] } }, 20)).toEqual({
				count: 20,
				more: true
			});
			expect(await items.countUpTo({}, 25)).toEqual({ count: 25, more: false });
		});

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
}
