import { aSku, StaffClient, unique } from "../../support/builders";
import { aSkuInStock } from "../../support/buyers";
import { startShop, type Reply, type Shop } from "../../support/shop";
import { Shopper } from "../../support/shopper";

type Data = Reply["body"]["data"];
let shop: Shop;
let staff: StaffClient;
let buyer: Shopper;
beforeAll(async () => {
	shop = await startShop();
	staff = new StaffClient(shop, await shop.asAdmin());
	buyer = new Shopper(shop, (await shop.register("13511120000")).token);
	await staff.mustSend("PUT", "/admin/config/orders.maxUnpaid", { value: 100 });
});
afterAll(() => shop.stop());

const aRule = (more: object = {}) => ({
	name: unique("规则"),
	chargeBy: "piece",
	areas: [{ provinces: [], first: 1, firstFee: 800, next: 1, nextFee: 200 }],
	notTo: [],
	...more
});
const addRule = (more: object = {}): Promise<Data> =>
	staff.mustSend("POST", "/admin/shipping-rules", aRule(more));
const preview = (skuId: string, quantity: number, more: object = {}): Promise<Data> =>
	buyer.mustSend("POST", "/cart/preview", { items: [{ skuId, quantity }], ...more });
const anAddress = async (place: object): Promise<string> => {
	const person = { receiver: "李雷", phone: "13900000000", detail: "1 号" };
	return (await buyer.mustSend("POST", "/me/addresses", { ...person, ...place })).id as string;
};
/** A product on the shelf that names a rule, with one SKU of this weight. */
async function aWeighedSku(shippingRuleId: string, weight: number): Promise<string> {
	const product = await staff.addProductOnShelf({ skus: [aSku({ price: 1000, weight })], shippingRuleId });
	await staff.addStock(product.skus[0].id, 100);
	return product.skus[0].id as string;
}

it("charges the default rule, in the preview and the order alike, and what changes it changes the next quote", async () => {
	const skuId = await aSkuInStock(staff, 100, { price: 1000 });
	const before = await preview(skuId, 3);

	const rule = await addRule({ isDefault: true });
	const priced = await preview(skuId, 3);
	const order = await buyer.order(skuId, 3);
	await staff.mustSend("PATCH", `/admin/shipping-rules/${rule.id}`, {
		areas: [{ provinces: [], first: 1, firstFee: 100, next: 1, nextFee: 0, freeFrom: 3000 }]
	});

	expect(before.shippingFee).toBe(0);
	expect([priced.shippingFee, priced.total]).toEqual([1200, 4200]);
	expect(order).toMatchObject({ shippingFee: 1200, total: 4200 });
	expect([(await preview(skuId, 2)).shippingFee, (await preview(skuId, 3)).shippingFee]).toEqual([100, 0]);
	await staff.mustSend("DELETE", `/admin/shipping-rules/${rule.id}`);
	expect((await preview(skuId, 2)).shippingFee).toBe(0);
});

it("charges by weight where the product names such a rule, which can't be removed then", async () => {
	const rule = await addRule({
		chargeBy: "weight",
		areas: [{ provinces: [], first: 1000, firstFee: 1000, next: 500, nextFee: 300 }]
	});
	const skuId = await aWeighedSku(rule.id, 700);

	const quote = await preview(skuId, 2);
	const removed = await staff.send("DELETE", `/admin/shipping-rules/${rule.id}`);

	expect(quote.shippingFee).toBe(1000 + 300);
	expect(removed.body.code).toBe("IN_USE");
	const product = await staff.send("POST", "/admin/products", {
		name: "无规则",
		categoryId: (await staff.mustSend("POST", "/admin/categories", { name: unique("类") })).id,
		skus: [aSku()],
		shippingRuleId: "none"
	});
	expect(product.body).toMatchObject({ code: "VALIDATION_ERROR", data: [{ field: "shippingRuleId" }] });
});

it("refuses an order to where a rule does not send, and says so at the preview's line", async () => {
	const rule = await addRule({ notTo: ["西藏自治区"] });
	const skuId = await aWeighedSku(rule.id, 0);
	const addressId = await anAddress({ province: "西藏自治区", city: "拉萨市", district: "城关区" });
	const items = [{ skuId, quantity: 1 }];

	const quote = await preview(skuId, 1, { addressId });
	const refused = await buyer.send("POST", "/orders", { items, addressId }, unique("order-"));

	expect(quote.lines[0].problem).toBe("NOT_DELIVERABLE");
	expect(refused.status).toBe(409);
	expect(refused.body).toMatchObject({
		code: "NOT_DELIVERABLE",
		data: { items: [{ skuId, province: "西藏自治区" }] }
	});
	const near = await preview(skuId, 1, { addressId: await buyer.address() });
	expect([near.lines[0].problem, near.shippingFee]).toEqual([null, 800]);
});

it("has one default rule at a time, and refuses provinces that do not exist or are named twice", async () => {
	const [first, second] = [await addRule({ isDefault: true }), await addRule({ isDefault: true })];
	const area = { first: 1, firstFee: 0, next: 1, nextFee: 0 };
	const faultsOf = async (more: object): Promise<string[]> => {
		const { body } = await staff.send("POST", "/admin/shipping-rules", aRule(more));
		return body.data.map(({ field }: { field: string }) => field);
	};

	const defaults = (await staff.mustSend("GET", "/admin/shipping-rules?pageSize=100")).items
		.filter(({ isDefault }: Data) => isDefault)
		.map(({ id }: Data) => id);

	expect(defaults).toEqual([second.id]);
	expect(await faultsOf({ notTo: ["火星省"] })).toEqual(["notTo[0]"]);
	const twice = [
		{ ...area, provinces: ["浙江省"] },
		{ ...area, provinces: ["上海市", "浙江省"] }
	];
	expect(await faultsOf({ areas: twice })).toEqual(["areas[1].provinces[1]"]);
	expect(await faultsOf({ areas: [area, area].map(one => ({ ...one, provinces: [] })) })).toEqual([
		"areas[1].provinces"
	]);
	for (const { id } of [first, second]) await staff.mustSend("DELETE", `/admin/shipping-rules/${id}`);
});

it("lists regions and carriers to anybody", async () => {
	const regions = await shop.http("GET", "/regions");
	const carriers = await shop.http("GET", "/carriers");

	expect(regions.body.data).toHaveLength(34);
	expect(regions.body.data[0]).toMatchObject({ name: "北京市", children: [{ name: "北京市" }] });
	expect(carriers.body.data).toContainEqual({ code: "SF", name: "顺丰速运" });
});
