import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closeDatabase, openDatabase } from "../infrastructure/sqlite-file";
import { openSqliteCollection } from "../infrastructure/documents/sqlite/collection";
import type { Doc } from "../infrastructure/documents/collection";

/** Measures the embedded document store with a large catalogue. Run by `npm run bench:store [-- documents]`. */
type Product = Doc & {
	readonly name: string;
	readonly status: string;
	readonly categoryIds: readonly string[];
	readonly price: number;
	readonly sales: number;
	readonly createdAt: Date;
	readonly skus: readonly { readonly code: string; readonly price: number; readonly stock: number }[];
	readonly description: string;
};

const size = Number(process.argv[2] ?? 100_000);
const dir = mkdtempSync(join(tmpdir(), "zjmall-bench-"));
const products = openSqliteCollection<Product>(openDatabase(dir), "products");

const id = (i: number) => `01J${String(i).padStart(10, "0")}`;
const product = (i: number): Product => ({
	_id: id(i),
	name: `商品 ${i} product`,
	status: i % 10 === 0 ? "off_shelf" : "on_shelf",
	categoryIds: [`c${i % 200}`, `top${i % 10}`],
	price: (i * 7919) % 100_003,
	sales: (i * 31) % 997,
	createdAt: new Date(1_767_225_600_000 + i * 1_000),
	skus: [1, 2, 3].map(n => ({ code: `${id(i)}-${n}`, price: (i * 7919) % 100_003, stock: 50 })),
	description: "描述 ".repeat(60)
});

const rows: { what: string; "ms each": string; "per second": number; index: string }[] = [];

async function measure(what: string, times: number, work: (i: number) => Promise<unknown>, index = "") {
	const start = performance.now();
	for (let i = 0; i < times; i++) await work(i);
	const each = (performance.now() - start) / times;
	rows.push({ what, "ms each": each.toFixed(3), "per second": Math.round(1_000 / each), index });
}

async function main() {
	await products.index({ keys: { status: 1, categoryIds: 1, price: 1 } });
	await products.index({ keys: { status: 1, createdAt: -1 } });
	await products.index({ keys: { "skus.code": 1 }, unique: true });
	const start = performance.now();
	for (let from = 0; from < size; from += 1_000)
		await products.insertMissing(Array.from({ length: 1_000 }, (_, i) => product(from + i)));
	const loading = performance.now() - start;
	rows.push({
		what: `load ${size} with 3 indexes`,
		"ms each": (loading / size).toFixed(3),
		"per second": Math.round((size / loading) * 1_000),
		index: ""
	});

	const some = (i: number) => (i * 7_919) % size;
	const listed = (i: number) => ({ status: "on_shelf", categoryIds: `c${1 + (i % 9)}` });
	const page = { sort: { price: 1 }, limit: 20 } as const;
	const used = (where: object, options = {}) => products.explain({ ...where }, options).index;
	await measure(
		"page of 20: status, category, by price",
		2_000,
		i => products.find(listed(i), page),
		used(listed(0), page)
	);
	await measure("the same, page 20", 500, i => products.find(listed(i), { ...page, skip: 380 }));
	await measure("the same with a test per document", 500, i =>
		products.find({ ...listed(i), sales: { $gte: 500 } }, page)
	);
	await measure("count of that list", 500, i => products.count(listed(i)));
	const either = { status: { $in: ["on_shelf", "off_shelf"] } };
	const newest = { sort: { createdAt: -1 }, limit: 20 } as const;
	await measure(
		"newest 20 of two states",
		1_000,
		() => products.find(either, newest),
		used(either, newest)
	);
	await measure("get by id", 20_000, i => products.findOne({ _id: id(some(i)) }));
	await measure("find by SKU code", 5_000, i => products.findOne({ "skus.code": `${id(some(i))}-2` }));
	await measure("insert", 5_000, i => products.insert(product(size + i)));
	await measure("guarded update, one document each", 5_000, i =>
		products.change(
			{ _id: id(some(i)), "skus.0.stock": { $gte: 1 } },
			{ $inc: { "skus.0.stock": -1, sales: 1 } }
		)
	);
	await measure("guarded update of one hot document", 5_000, () =>
		products.change({ _id: id(1), sales: { $gte: 0 } }, { $inc: { sales: 1 } })
	);
	await measure("guarded update that moves an index entry", 5_000, i =>
		products.change({ _id: id(some(i)) }, { $set: { price: i } })
	);
	await measure("scan with a regex, no index", 1, () => products.count({ name: { $regex: "999 " } }));
	console.table(rows);
}

void main().finally(() => {
	closeDatabase(dir);
	rmSync(dir, { recursive: true });
});
