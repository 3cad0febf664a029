import type { AnyDoc, Collection, FindOptions, Index, Where } from "./collection";
import { guardIndexes, refusedQueries } from "./index-guard";

const INDEXES: readonly Index[] = [
	{ keys: { userId: 1, _id: -1 } },
	{ keys: { status: 1, deadline: 1 } },
	{ keys: { orderNo: 1 }, unique: true },
	{ keys: { outboxAt: 1 }, sparse: true }
];

/** An empty collection that accepts every operation. */
const none: Collection<AnyDoc> = {
	index: () => Promise.resolve(),
	indexes: () => Promise.resolve([]),
	insert: () => Promise.resolve(),
	insertMissing: () => Promise.resolve([]),
	findOne: () => Promise.resolve(null),
	find: () => Promise.resolve([]),
	count: () => Promise.resolve(0),
	findPage: () => Promise.resolve({ docs: [] }),
	countUpTo: () => Promise.resolve({ count: 0, more: false }),
	change: () => Promise.resolve(null),
	changeMany: () => Promise.resolve(0),
	remove: () => Promise.resolve(0)
};
const orders = guardIndexes(none, { name: "orders", indexes: INDEXES });

it.each([
	["an id", { _id: "a" }],
	["ids", { _id: { $in: ["a", "b"] } }],
	["the first path of an index", { userId: "u" }],
	["the first path, with conditions beside it", { userId: "u", note: { $ne: 1 } }],
	["a range", { orderNo: { $gte: "1", $lt: "2" } }],
	["a sparse index whose path is asked for", { outboxAt: { $lt: new Date(0) } }],
	["branches with an index each", { $or: [{ userId: "u" }, { orderNo: "1" }] }]
] as [string, Where][])("lets every operation pass that asks for %s", async (_, where) => {
	const update = { $set: { n: 1 } };

	await expect(orders.findOne(where)).resolves.toBeNull();
	await expect(orders.find(where, { sort: { _id: -1 }, limit: 20 })).resolves.toEqual([]);
	await expect(orders.count(where)).resolves.toBe(0);
	await expect(orders.change(where, update)).resolves.toBeNull();
	await expect(orders.changeMany(where, update)).resolves.toBe(0);
	await expect(orders.remove(where)).resolves.toBe(0);
});

it.each([
	["a path without an index", { note: "x" }],
	["the second path of an index", { deadline: { $lt: new Date(0) } }],
	["what is not something", { userId: { $ne: "u" } }],
	["a missing field of a sparse index", { outboxAt: null }],
	["a branch without an index", { $or: [{ userId: "u" }, { note: "x" }] }],
	["everything, to change it", {}]
] as [string, Where][])("refuses every operation that asks for %s", async (_, where) => {
	const refusal = { name: "UnindexedQuery" };

	await expect(orders.find(where)).rejects.toMatchObject(refusal);
	await expect(orders.change(where, { $set: { n: 1 } })).rejects.toMatchObject(refusal);
	await expect(orders.changeMany(where, { $set: { n: 1 } })).rejects.toMatchObject(refusal);
	await expect(orders.remove(where)).rejects.toMatchObject(refusal);
});

it.each([
	["in the order of the ids", { sort: { _id: -1 }, limit: 20 }],
	["in the order of an index", { sort: { orderNo: 1 }, limit: 20 }],
	["in any order", { limit: 1 }]
] as [string, FindOptions][])(
	"lets a page of everything pass %s, and the number of all",
	async (_, options) => {
		await expect(orders.find({}, options)).resolves.toEqual([]);
		await expect(orders.count({})).resolves.toBe(0);
	}
);

it.each([
	["unsorted and unlimited", {}],
	["in an order that no index has", { sort: { note: 1 }, limit: 20 }]
] as [string, FindOptions][])("refuses everything %s", async (_, options) => {
	await expect(orders.find({}, options)).rejects.toMatchObject({ name: "UnindexedQuery" });
});

it("refuses a page in the order of an index that passes over what the filter leaves out", async () => {
	const page = orders.find({ note: "x" }, { sort: { _id: -1 }, limit: 20 });

	await expect(page).rejects.toMatchObject({ name: "UnindexedQuery" });
});

it("names the collection and the filter, without the values, also to whoever looks later", async () => {
	const query = orders.findOne({ phone: "13800138000", $or: [{ a: { $lt: 5 } }, { b: [1] }] });

	const message = "No index behind this query of orders: { phone: ?, $or: [{ a: { $lt: ? } }, { b: ? }] }";
	await expect(query).rejects.toThrow(message);
	expect(refusedQueries).toContain(message);
});

it("lets a collection be scanned that says why", async () => {
	const tree = guardIndexes(none, { name: "tree", indexes: [], scans: "one document" });

	await expect(tree.find({ note: "x" })).resolves.toEqual([]);
});
