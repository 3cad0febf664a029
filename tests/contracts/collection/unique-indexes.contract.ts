import { DuplicateKey } from "../../../infrastructure/documents/collection";
import { idsOf, type CollectionSuite } from "./suite";

export function uniqueIndexesContract({ holding, name }: CollectionSuite): void {
	describe(`${name}: unique indexes`, () => {
		const conflict = (index: string) => expect.objectContaining({ name: "DuplicateKey", index });
		const rejection = async (work: Promise<unknown>): Promise<unknown> =>
			work.then(
				() => undefined,
				(err: unknown) => err
			);

		it("refuses a second document with the same id", async () => {
			const items = await holding([{ _id: "a", n: 1 }]);

			const err = await rejection(items.insert({ _id: "a", n: 2 }));

			expect(err).toBeInstanceOf(DuplicateKey);
			expect(err).toEqual(conflict("_id"));
			expect(await items.find({})).toEqual([{ _id: "a", n: 1 }]);
		});

		it("lets an import add only what is missing, each document by one of many concurrent callers", async () => {
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

		it("lets an import skip nothing but ids that are there: other unique keys must be free", async () => {
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

		it("refuses the second of a compound key, by insert and by change, and stores nothing of it", async () => {
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

		it("lets one of many concurrent inserts of a key win", async () => {
			const items = await holding([], { keys: { userId: 1, key: 1 }, unique: true });

			const answers = await Promise.allSettled(
				Array.from({ length: 50 }, (_, i) => items.insert({ _id: `o${i}`, userId: "u", key: "k" }))
			);

			expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
			expect(await items.count({ userId: "u", key: "k" })).toBe(1);
		});

		it("takes a missing field for null, which conflicts", async () => {
			const items = await holding([{ _id: "a" }], { keys: { phone: 1 }, unique: true });

			expect(await rejection(items.insert({ _id: "b" }))).toEqual(conflict("phone"));
			expect(await rejection(items.insert({ _id: "c", phone: null }))).toEqual(conflict("phone"));
			expect(await rejection(items.insert({ _id: "d", phone: "1" }))).toBeUndefined();
		});

		it("applies a sparse unique index only while the field exists", async () => {
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

		it("keeps the elements of arrays unique across documents, not within one", async () => {
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

		it("frees the key of a removed document", async () => {
			const items = await holding([{ _id: "a", k: 1 }], { keys: { k: 1 }, unique: true });
			await items.remove({ _id: "a" });

			expect(await rejection(items.insert({ _id: "b", k: 1 }))).toBeUndefined();
		});

		it("tells dates, numbers, text and booleans apart in a key", async () => {
			const values = [1, "1", true, new Date(1), new Date(2), 2, "2", false, null, 1.5];
			const docs = values.map((k, i) => ({ _id: `d${i}`, k }));

			const items = await holding(docs, { keys: { k: 1 }, unique: true });

			for (const doc of docs) expect(await items.find({ k: doc.k })).toEqual([doc]);
		});

		it("accepts the declaration of an index twice, and over documents that are there already", async () => {
			const items = await holding([
				{ _id: "a", k: 1 },
				{ _id: "b", k: 2 }
			]);
			await items.index({ keys: { k: 1 }, unique: true });
			await items.index({ keys: { k: 1 }, unique: true });

			expect(await rejection(items.insert({ _id: "c", k: 2 }))).toEqual(conflict("k"));
			expect(idsOf(await items.find({ k: 2 }))).toEqual(["b"]);
		});

		it("lists the indexes that there are", async () => {
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

		it("refuses to declare an index again with other options", async () => {
			const items = await holding([{ _id: "a", k: 1 }], { keys: { k: 1 } });

			await expect(items.index({ keys: { k: 1 }, unique: true })).rejects.toThrow(
				"k with other options"
			);
		});

		it("refuses to declare a unique index over documents that conflict", async () => {
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
