import { idsOf, type CollectionSuite } from "./suite";

export function documentsContract({ holding, name }: CollectionSuite): void {
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

		it("returns documents as they were inserted: dates, unicode, large integers, empty arrays, nulls", async () => {
			const items = await holding([whole]);

			const found = await items.findOne({ _id: "a" });

			expect(found).toEqual(whole);
		});

		it("drops undefined fields and keeps null ones", async () => {
			const items = await holding([{ _id: "a", gone: undefined, kept: null, in: { gone: undefined } }]);

			const found = await items.findOne({ _id: "a" });

			expect(Object.keys(found ?? {})).toEqual(["_id", "kept", "in"]);
			expect(found?.["in"]).toEqual({});
		});

		it("returns another object at each read, never the one that was inserted", async () => {
			const tags = ["x"];
			const items = await holding([{ _id: "a", tags }]);
			tags.push("later");

			const [one, two] = [await items.findOne({ _id: "a" }), await items.findOne({ _id: "a" })];

			expect(one).toEqual({ _id: "a", tags: ["x"] });
			expect(one).not.toBe(two);
			expect(one?.["tags"]).not.toBe(two?.["tags"]);
		});

		it("shares nothing with the update that changed a document", async () => {
			const items = await holding([{ _id: "a" }]);
			const value = { list: [1] };
			const changed = await items.change({ _id: "a" }, { $set: { value }, $push: { all: value } });
			value.list.push(2);

			expect(changed).toEqual({ _id: "a", value: { list: [1] }, all: [{ list: [1] }] });
			expect(await items.findOne({})).toEqual(changed);
		});

		it("answers null, an empty list and zero where there is no document", async () => {
			const items = await holding([]);

			expect(await items.findOne({ _id: "a" })).toBeNull();
			expect(await items.find({ x: 1 })).toEqual([]);
			expect(await items.count({})).toBe(0);
			expect(await items.change({ _id: "a" }, { $set: { x: 1 } })).toBeNull();
			expect(await items.changeMany({}, { $set: { x: 1 } })).toBe(0);
			expect(await items.remove({})).toBe(0);
		});

		it("removes the documents that a filter matches", async () => {
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
}
