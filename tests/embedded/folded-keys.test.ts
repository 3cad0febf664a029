import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Doc } from "../../infrastructure/documents/collection";
import { openSqliteCollection } from "../../infrastructure/documents/sqlite/collection";
import { closeDatabase, openDatabase } from "../../infrastructure/sqlite-file";
import { up as keyNamesAndCodes } from "../../migrations/0003-names-and-codes-are-compared-folded";
import { up as keySearchedTexts } from "../../migrations/0004-lists-are-searched-by-folded-texts";

const folder = mkdtempSync(join(tmpdir(), "zjmall-keys-"));
const db = openDatabase(folder);
const open = <T extends Doc>(name: string) => openSqliteCollection<T>(db, name);
afterAll(() => {
	closeDatabase(folder);
	rmSync(folder, { recursive: true });
});

type Named = Doc & { readonly name: string; readonly nameKey?: string };
const keys = async (name: string) =>
	(await open<Named>(name).find({}, { sort: { _id: 1 } })).map(({ nameKey }) => nameKey);

it("gives the names of an older database distinct keys, even where they are equal by now", async () => {
	const brands = open<Named>("brands");
	await brands.index({ keys: { nameKey: 1 }, unique: true });
	for (const [n, name] of ["Zip Line", "ZipLine", "ＺＩＰ\u200bline", "Other"].entries())
		await brands.insert({ _id: `b${n}`, name, nameKey: name.normalize("NFKC").trim().toLowerCase() });
	const tags = open<Named>("tags");
	for (const [n, name] of ["新品", "新 品", "热卖"].entries()) await tags.insert({ _id: `t${n}`, name });

	for (const time of ["first", "again"]) {
		await keyNamesAndCodes(open);

		expect([time, await keys("brands")]).toEqual([
			time,
			["zipline", "zipline b1", "zipline b2", "other"]
		]);
		expect(await keys("tags")).toEqual(["新品", "新品 t1", "热卖"]);
	}
	await tags.index({ keys: { nameKey: 1 }, unique: true });
});

it("gives the codes of an older database distinct keys, and changes nothing else of a product", async () => {
	type Product = Doc & { readonly revision: number; readonly skus: readonly object[] };
	const products = open<Product>("products");
	const product = (_id: string, ...codes: string[]) => ({
		_id,
		revision: 1,
		name: _id,
		skus: codes.map((code, n) => ({ id: `${_id}-${n}`, code, price: n })),
		formerSkus: [{ id: `${_id}-9`, code: "OLD" }]
	});
	await products.insert(product("p1", "q-1", "Q-2"));
	await products.insert(product("p2", "Q-1", "ｑ-2", "q-3"));

	for (let time = 0; time < 2; time++) await keyNamesAndCodes(open);

	await products.index({ keys: { "skus.codeKey": 1 }, unique: true });
	const kept = await products.find({}, { sort: { _id: 1 } });
	expect(kept).toEqual([
		{
			...product("p1"),
			revision: 3,
			skus: [
				{ id: "p1-0", code: "q-1", codeKey: "q-1", price: 0 },
				{ id: "p1-1", code: "Q-2", codeKey: "q-2", price: 1 }
			],
			formerSkus: [{ id: "p1-9", code: "OLD", codeKey: "old" }]
		},
		{
			...product("p2"),
			revision: 3,
			skus: [
				{ id: "p2-0", code: "Q-1", codeKey: "q-1 p2-0", price: 0 },
				{ id: "p2-1", code: "ｑ-2", codeKey: "q-2 p2-1", price: 1 },
				{ id: "p2-2", code: "q-3", codeKey: "q-3", price: 2 }
			],
			formerSkus: [{ id: "p2-9", code: "OLD", codeKey: "old" }]
		}
	]);
});

it("gives users and orders of an older database the texts that lists search", async () => {
	const users = open<Doc>("users");
	const orders = open<Doc>("orders");
	const bought = (productId: string, n: number, name: string) => ({
		productId,
		skuId: `${productId}-${n}`,
		name
	});
	await users.insert({ _id: "u1", nickname: "阿 强Ａ" } as Doc);
	await orders.insert({ _id: "o1", items: [bought("p1", 0, "茶 ＡＢＣ"), bought("p2", 2, "杯")] } as Doc);
	await orders.insert({ _id: "o2", items: [bought("p1", 9, "茶"), bought("gone", 1, "茶")] } as Doc);

	for (let time = 0; time < 2; time++) await keySearchedTexts(open);

	expect(await users.find({})).toEqual([{ _id: "u1", nickname: "阿 强Ａ", nicknameKey: "阿强a" }]);
	expect(await orders.find({}, { sort: { _id: 1 }, fields: ["nameKeys", "codeKeys"] })).toEqual([
		{ _id: "o1", nameKeys: ["茶abc", "杯"], codeKeys: ["q-1", "q-3"] },
		{ _id: "o2", nameKeys: ["茶"], codeKeys: ["old"] }
	]);
});
