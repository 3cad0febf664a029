import { aSku, unique, type StaffClient } from "../../tests/support/builders";
import { Shopper } from "../../tests/support/shopper";
import type { KnownIds } from "./make-bodies";

const PRODUCTS = 5;
const SKUS = 100;

/** Adds goods on the shelf with as many SKUs as a cart, an order or a list of ids can name, and things that routes work with. */
export async function fillShop(staff: StaffClient): Promise<KnownIds> {
	await staff.mustSend("PUT", "/admin/config/orders.maxUnpaid", { value: 100 });
	const categoryId = await staff.addCategory();
	const brandId = await staff.addBrand();
	const products: { id: string; skus: { id: string }[] }[] = [];
	for (let n = 0; n < PRODUCTS; n++) {
		const skus = Array.from({ length: SKUS }, () => aSku());
		products.push(await staff.addProductOnShelf({ categoryId, brandId, skus }));
	}
	const skuIds = products.flatMap(({ skus }) => skus.map(({ id }) => id));
	for (const skuId of skuIds.slice(0, SKUS)) await staff.addStock(skuId, 1_000_000);
	const buyer = new Shopper(staff.shop, staff.token);
	const addressId = await buyer.address();
	const order = await buyer.order(skuIds[0] ?? "");
	const payment = await buyer.createPayment(order.id);
	const paid = await buyer.order(skuIds[0] ?? "", 2);
	await buyer.payAtChannel((await buyer.createPayment(paid.id)).paymentNo);
	const add = async (path: string, body: object) =>
		[((await staff.mustSend("POST", path, body)) as { id: string }).id] as const;
	const now = "2026-01-01T00:00:00.000Z";
	const later = "2036-01-01T00:00:00.000Z";
	return {
		skuId: skuIds,
		productId: products.map(({ id }) => id),
		products: [products[0]?.id ?? ""],
		categoryId: [categoryId],
		categories: [categoryId],
		brandId: [brandId],
		brands: [brandId],
		addressId: [addressId],
		addresses: [addressId],
		orderId: [order.id],
		orders: [order.id],
		payments: [payment.id],
		key: ["reviews.words"],
		promotions: await add("/admin/promotions", {
			name: unique("P"),
			type: "price_off",
			scope: { all: true },
			startsAt: now,
			endsAt: later,
			value: 1
		}),
		"coupon-templates": await add("/admin/coupon-templates", {
			name: unique("C"),
			type: "fixed",
			scope: { all: true },
			total: 1000,
			perUser: 10,
			value: 1,
			claimFrom: now,
			claimTo: later,
			validDays: 10
		}),
		"price-lists": await add("/admin/price-lists", {
			name: unique("L"),
			prices: [{ skuId: skuIds[0], price: 1 }],
			levelIds: await add("/admin/member-levels", { name: unique("M"), minSpent: 1 })
		}),
		pages: await add("/admin/pages", { slug: unique("p-"), title: "p", content: "# p" }),
		webhooks: await add("/admin/webhooks", { url: "https://hooks.example/in", topics: ["order.*"] })
	};
}
