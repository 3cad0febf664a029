import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closeDatabase, openDatabase } from "../../infrastructure/sqlite-file";
import { groupCommitOf } from "../../infrastructure/group-commit";
import {
	DuplicateKey,
	MAX_DOCUMENTS_READ,
	type FindOptions,
	type Sort,
	type Where
} from "../../infrastructure/documents/collection";
import { extractConstraints } from "../../infrastructure/documents/language/filter";
import { SqliteIndexes } from "../../infrastructure/documents/sqlite/indexes";
import { choosePlan, primaryIndex } from "../../infrastructure/documents/sqlite/plan";
import { generateSql } from "../../infrastructure/documents/sqlite/plan-sql";
import { openSqliteCollection } from "../../infrastructure/documents/sqlite/collection";
import type { Explanation } from "../../infrastructure/documents/sqlite/reads";
import { collectionContract, type Item } from "../contracts/collection.contract";
import { storeContract } from "../contracts/store.contract";

const dir = mkdtempSync(join(tmpdir(), "zjmall-store-"));
const db = openDatabase(dir);
let made = 0;
const fresh = () => openSqliteCollection<Item>(db, `items${++made}`);

afterAll(() => {
	closeDatabase(dir);
	rmSync(dir, { recursive: true });
});

collectionContract("sqlite", async () => fresh());
storeContract("sqlite", async () => openSqliteCollection(db, `stored${++made}`));

describe("sqlite: the index that answers", () => {
	const products = openSqliteCollection<Item>(db, "catalogue");
	beforeAll(async () => {
		await products.index({ keys: { status: 1, categoryIds: 1, price: 1 } });
		await products.index({ keys: { status: 1, createdAt: -1 } });
		await products.index({ keys: { userId: 1, _id: -1 } });
		await products.index({ keys: { guestId: 1 } });
		await products.index({ keys: { outboxAt: 1 }, sparse: true });
		await products.index({ keys: { liveKey: 1 }, unique: true, sparse: true });
		await products.insert({ _id: "a", status: "on", categoryIds: ["c", "d"], price: 1 });
	});

	const newest = { sort: { createdAt: -1 }, limit: 20 } as const;
	const byId = { sort: { _id: -1 }, limit: 20 } as const;
	it.each([
		[{ _id: "a", status: "on" }, {}, { index: "_id", narrows: true }],
		[
			{ _id: { $gt: "a" } },
			{ sort: { _id: 1 } },
			{ index: "_id", narrows: true, ordered: true, exact: true }
		],
		[
			{ status: "on", categoryIds: "c" },
			{ sort: { price: -1 }, limit: 20 },
			{ index: "status,categoryIds,price", narrows: true, ordered: true, exact: true }
		],
		[{ status: "on" }, newest, { index: "status,createdAt", ordered: true, exact: true }],
		[
			{ status: { $in: ["on", "off"] } },
			newest,
			{ index: "status,createdAt", ordered: true, exact: true }
		],
		[{ status: "on", createdAt: { $lt: new Date() } }, {}, { index: "status,createdAt", exact: true }],
		[{ userId: "u", _id: { $lt: "z" } }, byId, { index: "userId,_id", ordered: true, exact: true }],
		[
			{ userId: "u", name: "x" },
			byId,
			{ index: "userId,_id", narrows: true, ordered: true, exact: false }
		],
		[{ userId: "u", guestId: "g" }, byId, { index: "userId,_id", ordered: true, exact: true }],
		[{ guestId: "g" }, byId, { index: "guestId", ordered: true, exact: true }],
		[{ guestId: "g" }, { sort: { name: 1 } }, { index: "guestId", narrows: true, ordered: false }],
		[{ outboxAt: { $lt: new Date() } }, { sort: { outboxAt: 1 } }, { index: "outboxAt", ordered: true }],
		[{ liveKey: { $exists: true } }, {}, { index: "liveKey", narrows: true, exact: false }],
		[{ liveKey: null }, {}, { index: "scan", narrows: false }],
		[{ $or: [{ userId: "u" }, { guestId: "g" }] }, {}, { index: "userId,_id | guestId", narrows: true }],
		[{ $or: [{ userId: "u" }, { name: "g" }] }, {}, { index: "scan", narrows: false }],
		[{ name: "x" }, {}, { index: "scan", narrows: false }],
		[{ name: "x" }, byId, { index: "_id", narrows: false, ordered: true }]
	] as [Where, FindOptions, Partial<Explanation>][])("of %j with %j is %j", (where, options, expected) => {
		expect(products.explain(where, options)).toMatchObject(expected);
	});

	it.each([
		[{ status: "on" }, { createdAt: -1 }],
		[{ status: "on" }, { createdAt: 1, _id: -1 }],
		[{ status: { $in: ["on", "off", "new"] } }, { createdAt: -1, _id: 1 }],
		[{ status: "on", categoryIds: "c", price: { $gte: 5 } }, { price: -1 }],
		[{ userId: "u", _id: { $lt: "z" } }, { _id: -1 }],
		[{ liveKey: { $gte: "a" } }, { liveKey: -1 }],
		[{ _id: { $gt: "a" } }, { _id: 1 }]
	] as [Where, Sort][])(
		"reads %j by %j in the order of the rows: SQLite has nothing to sort",
		(where, sort) => {
			const docs = "catalogue_docs";
			const indexes = new SqliteIndexes(db, "catalogue");
			indexes.refresh();

			const plan = choosePlan(
				[primaryIndex(docs), ...indexes.all],
				extractConstraints(where),
				sort,
				true
			);
			const { sql, runs } = generateSql(plan, docs, "documents");
			const steps = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...(runs[0] ?? []));

			const text = steps.map(step => String(step["detail"])).join("; ");
			expect(runs).toHaveLength(1);
			expect(text).toMatch(/SEARCH/);
			expect(text).not.toMatch(/TEMP B-TREE|SCAN/);
		}
	);
});

describe("sqlite: a collection", () => {
	it("is found again, with its indexes, when the file is opened again", async () => {
		const folder = mkdtempSync(join(tmpdir(), "zjmall-store-"));
		const before = openSqliteCollection<Item>(openDatabase(folder), "items");
		await before.index({ keys: { k: 1 }, unique: true });
		await before.insert({ _id: "a", k: 1, at: new Date(1) });
		closeDatabase(folder);

		const after = openSqliteCollection<Item>(openDatabase(folder), "items");

		await expect(after.insert({ _id: "b", k: 1 })).rejects.toMatchObject({ index: "k" });
		expect(await after.find({})).toEqual([{ _id: "a", k: 1, at: new Date(1) }]);
		closeDatabase(folder);
		rmSync(folder, { recursive: true });
	});

	it("stores all of insertMissing or nothing, also in its indexes", async () => {
		const items = fresh();
		await items.index({ keys: { k: 1 }, unique: true });

		const work = items.insertMissing([
			{ _id: "a", k: 1 },
			{ _id: "b", k: [2, 3] },
			{ _id: "c", k: 3 }
		]);

		await expect(work).rejects.toMatchObject({ index: "k" });
		expect(await items.count({})).toBe(0);
		await items.insertMissing([
			{ _id: "c", k: 3 },
			{ _id: "d", k: 1 }
		]);
		expect(await items.find({ k: { $gt: 1, $lt: 9 } })).toEqual([{ _id: "c", k: 3 }]);
	});

	it.each([
		["NaN", NaN],
		["an infinite number", Infinity],
		["an invalid date", new Date(NaN)],
		["a big integer", 1n],
		["a class instance", new Map()],
		["a function", () => 1],
		["a field that begins with $", { $date: 1 }]
	])("refuses %s rather than storing something else", async (_, value) => {
		const items = fresh();

		await expect(items.insert({ _id: "a", value })).rejects.toThrow(TypeError);
		await items.insert({ _id: "a" });
		await expect(items.change({ _id: "a" }, { $set: { value } })).rejects.toThrow(TypeError);

		expect(await items.find({})).toEqual([{ _id: "a" }]);
	});

	it("orders text by code point, as MongoDB does, in filters and in indexes", async () => {
		const docs = ["🙂", "ｆ", "z", "\u{10FFFF}"].map((s, i) => ({ _id: `d${i}`, s }));
		const [plain, indexed] = [fresh(), fresh()];
		await indexed.index({ keys: { s: 1 } });

		for (const items of [plain, indexed]) {
			await items.insertMissing(docs);
			const order = (await items.find({}, { sort: { s: 1 }, limit: 9 })).map(doc => doc["s"]);

			expect(order).toEqual(["z", "ｆ", "🙂", "\u{10FFFF}"]);
			expect(await items.count({ s: { $gt: "ｆ" } })).toBe(2);
		}
	});

	it("refuses a document whose index would pass through two arrays", async () => {
		const items = fresh();
		await items.index({ keys: { a: 1, b: 1 } });
		await items.insertMissing([
			{ _id: "a", a: [1], b: 1 },
			{ _id: "b", a: 1, b: [1, 2] }
		]);

		await expect(items.insert({ _id: "c", a: [1, 2], b: [1, 2] })).rejects.toThrow("two arrays");

		expect(await items.find({ a: 1, b: 1 }, { sort: { _id: 1 } })).toHaveLength(2);
	});

	it("changeMany skips a document that another write took out of the filter meanwhile", async () => {
		const items = fresh();
		await items.insertMissing(
			Array.from({ length: 350 }, (_, i) => ({ _id: `i${100 + i}`, state: "old" }))
		);

		const work = items.changeMany({ state: "old" }, { $set: { state: "new" } });
		const taken = await items.change({ _id: "i449", state: "old" }, { $set: { state: "taken" } });

		expect(taken).not.toBeNull();
		expect(await work).toBe(349);
		expect(await items.findOne({ _id: "i449" })).toEqual({ _id: "i449", state: "taken" });
	});

	it("answers overlapping reads and writes of one process from a consistent state each", async () => {
		const items = fresh();
		await items.index({ keys: { state: 1 } });
		await items.insertMissing(Array.from({ length: 350 }, (_, i) => ({ _id: `i${i}`, state: "old" })));

		const [changed, , found] = await Promise.all([
			items.changeMany({ state: "old" }, { $set: { state: "new" } }),
			items.insert({ _id: "late", state: "new" }),
			items.find({ state: { $in: ["old", "new"] } })
		]);

		expect(changed).toBe(350);
		expect(new Set(found.map(doc => doc._id)).size).toBe(351);
		expect(await items.count({ state: "new" })).toBe(351);
	});
});

it("sqlite: answers within a use case, where updates wait for the commit, as outside of one", async () => {
	const steps = async (items: ReturnType<typeof fresh>) => {
		const byId = { sort: { _id: 1 } } as const;
		const refused = (work: Promise<unknown>) =>
			work.then(String, (err: unknown) => String(err instanceof DuplicateKey));
		return [
			await items.change({ _id: "a" }, { $set: { state: "x", tags: ["p"] } }),
			await items.change({ _id: "a", state: "x" }, { $set: { n: 1 } }),
			await items.find({ state: "x" }, byId),
			await items.change({ _id: "a" }, { $set: { state: "y" }, $push: { tags: "q" } }),
			await items.find({ tags: "q" }, byId),
			await items.change({ _id: "b" }, { $set: { state: "y" } }),
			await refused(items.change({ _id: "b" }, { $set: { code: "c-a" } })),
			await items.change({ _id: "b" }, { $set: { code: "c-b" }, $unset: { state: "" } }),
			await items.change({ _id: "a" }, { $inc: { n: 1 } }),
			await items.changeMany({ state: "y" }, { $inc: { n: 1 } }),
			await items.change({ _id: "c" }, { $set: { state: ["y", "z"] } }),
			await items.find({ state: "y" }, byId),
			await items.change({ _id: "c" }, { $set: { n: 5 } }),
			await items.remove({ _id: "c" }),
			await items.count({ state: "z" }),
			await items.find({}, byId)
		].map(answer => JSON.stringify(answer));
	};
	const prepare = async () => {
		const items = fresh();
		await items.index({ keys: { state: 1 } });
		await items.index({ keys: { tags: 1 } });
		await items.index({ keys: { code: 1 }, unique: true });
		await items.insertMissing(["a", "b", "c"].map(id => ({ _id: id, code: `c-${id}` })));
		return items;
	};
	const [alone, together] = [await prepare(), await prepare()];

	const answers = await groupCommitOf(db).together(() => steps(together));

	expect(answers).toEqual(await steps(alone));
	expect(await together.find({ state: "y" })).toEqual(await alone.find({ state: "y" }));
	expect(db.prepare("PRAGMA integrity_check").get()).toMatchObject({ integrity_check: "ok" });
});

describe("sqlite: a bounded read", () => {
	const items = fresh();
	const TOTAL = 3 * MAX_DOCUMENTS_READ;
	const idAt = (n: number) => `i${String(n).padStart(5, "0")}`;
	beforeAll(async () => {
		await items.index({ keys: { word: 1, _id: -1 } });
		await items.index({ keys: { shelf: 1, price: 1, _id: 1 } });
		await items.index({ keys: { nick: 1 } });
		await items.insertMissing(
			Array.from({ length: TOTAL }, (_, n) => ({
				_id: idAt(n),
				word: n < 5 ? "rare" : "wide",
				shelf: "on",
				price: TOTAL - n,
				nick: n % 2 ? "same" : "other",
				note: n === 7 ? "wanted" : "x"
			}))
		);
	});

	it("stops in the order of ids after so many documents, says where, and finds the rest from there", async () => {
		const found: unknown[] = [];
		let reads = 0;
		for (let where: Where<Item> = { note: "wanted" }; ; reads++) {
			const { docs, stoppedAt } = await items.findPage(where, { sort: { _id: -1 }, limit: 10 });
			found.push(...docs.map(({ _id }) => _id));
			if (stoppedAt === undefined) break;
			where = { $and: [{ note: "wanted" }, { _id: { $lt: stoppedAt } }] };
		}

		expect(found).toEqual([idAt(7)]);
		expect(reads).toBe(2);
	});

	it("is refused in another order, where no place can be told from which to go on", async () => {
		const sorted = items.findPage(
			{ shelf: "on", note: "wanted" },
			{ sort: { price: 1, _id: 1 }, limit: 10 }
		);

		await expect(sorted).rejects.toThrow(/narrow/);
	});

	it("walks an index in the order when too many documents would have to be sorted", async () => {
		const where = { word: "wide", shelf: "on" };
		const union = { $or: [{ nick: "same" }, { word: "wide" }] };

		const cheapest = await items.findPage(where, { sort: { price: 1, _id: 1 }, skip: 1, limit: 2 });
		const rare = await items.findPage(
			{ ...where, word: "rare" },
			{ sort: { price: 1, _id: 1 }, limit: 2 }
		);
		const newest = await items.findPage(union, { sort: { _id: -1 }, limit: 2 });

		expect(cheapest.docs.map(({ _id }) => _id)).toEqual([idAt(TOTAL - 2), idAt(TOTAL - 3)]);
		expect(rare.docs.map(({ _id }) => _id)).toEqual([idAt(4), idAt(3)]);
		expect(newest.docs.map(({ _id }) => _id)).toEqual([idAt(TOTAL - 1), idAt(TOTAL - 2)]);
	});

	it("counts what an index tells, and of the rest only what it may read", async () => {
		const counts = [
			await items.countUpTo({ word: "wide" }, 10_000),
			await items.countUpTo({ word: "wide", nick: "same" }, 10_000),
			await items.countUpTo({ word: "wide", note: "x" }, 10_000)
		];

		expect(counts).toEqual([
			{ count: TOTAL - 5, more: false },
			{ count: TOTAL / 2 - 2, more: false },
			{ count: MAX_DOCUMENTS_READ, more: true }
		]);
	});
});
