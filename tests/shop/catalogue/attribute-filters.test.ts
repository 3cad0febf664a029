import type * as BackendsModule from "../../../infrastructure/backends";
import { up } from "../../../migrations/0002-pairs-escape-the-names-of-attributes";
import { aSku, StaffClient, unique } from "../../support/builders";
import { startShop, type Shop } from "../../support/shop";

let shop: Shop;
let staff: StaffClient;
beforeAll(async () => {
	shop = await startShop();
	staff = new StaffClient(shop, await shop.asAdmin());
});
afterAll(() => shop.stop());

describe("a filter by attributes", () => {
	it("finds values with commas and names with any sign, and no others", async () => {
		const categoryId = await staff.addCategory();
		const made = new Map<string, string>();
		const shapes: [string, string][] = [
			["容量", "1,000ml"],
			["容量", "2L"],
			["容量", "1"],
			["a=b", "c"],
			["a", "b=c"],
			["长.宽", "1"],
			["长[cm]", "2"],
			["r\\s", "d"]
		];
		for (const [name, value] of shapes) {
			const { id } = await staff.addProductOnShelf({
				categoryId,
				skus: [aSku({ attributes: { [name]: value } })]
			});
			made.set(id, `${name}: ${value}`);
		}
		const found = async (...asked: [string, string][]) => {
			const query = new URLSearchParams([["categoryId", categoryId], ...asked]);
			const { body } = await shop.http("GET", `/products?${query.toString()}`);
			return body.data.items.map(({ id }: { id: string }) => made.get(id)).toSorted();
		};

		expect(await found(["attr.容量", "1,000ml"], ["attr.容量", "2L"])).toEqual([
			"容量: 1,000ml",
			"容量: 2L"
		]);
		expect(await found(["attr.容量", "1,000ml"], ["attr[容量]", "1,000ml"])).toEqual(["容量: 1,000ml"]);
		expect(await found(["attr.容量", "1,000ml"])).toContain("容量: 1,000ml");
		expect(await found(["attr.容量", "1,2L"])).toEqual(["容量: 1", "容量: 2L"]);
		expect(await found(["attr.a=b", "c"])).toEqual(["a=b: c"]);
		expect(await found(["attr[a=b]", "c"])).toEqual(["a=b: c"]);
		expect(await found(["attr.a", "b=c"])).toEqual(["a: b=c"]);
		expect(await found(["attr.长.宽", "1"])).toEqual(["长.宽: 1"]);
		expect(await found(["attr.长[cm]", "2"])).toEqual(["长[cm]: 2"]);
		expect(await found(["attr.r\\s", "d"])).toEqual(["r\\s: d"]);
	});

	it("finds older products after the migration of their pairs, which may run twice", async () => {
		const { backends } = require("../../../infrastructure/backends") as typeof BackendsModule;
		const products = backends.collection("products");
		const [name, plain] = [`a=${unique()}\\`, unique()];
		const attributes = { [plain]: "=" };
		const { id } = await staff.addProductOnShelf({
			attributes,
			skus: [aSku({ attributes: { [name]: "b" } })]
		});
		const written = await products.findOne({ _id: id });
		const before = [`${plain}==`, `${name}=b`, `${plain}=`, "a="];
		await products.changeMany(
			{ _id: id },
			{ $set: { pairs: before, "skus.0.pairs": before.slice(0, 2) } }
		);

		await up(backends.collection);
		await up(backends.collection);

		const { revision: _before, ...expected } = written as object as { revision: number };
		const { revision: _after, ...now } = (await products.findOne({ _id: id })) as object as {
			revision: number;
		};
		expect(now).toEqual(expected);
	});

	it("takes at most a hundred values of an attribute", async () => {
		const asked = (count: number) =>
			shop.http(
				"GET",
				`/products?${Array.from({ length: count }, (_, n) => `attr.容量=${n}`).join("&")}`
			);

		expect((await asked(100)).status).toBe(200);
		expect((await asked(101)).body.data).toMatchObject([{ field: "attr.容量", type: "arrayMax" }]);
	});
});
