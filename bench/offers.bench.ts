import { aSku, StaffClient, unique } from "../tests/support/builders";
import { aPromotion, aTemplate } from "../tests/support/offers";
import { Shopper } from "../tests/support/shopper";
import type { ShopProcess } from "../tests/support/shop-process";
import { until } from "../tests/support/until";
import { calculateQuote } from "../services/promotions/price.domain";
import { aLine, aRequest, aRule } from "../services/promotions/price.fixture";
import { HttpClient, type HttpRequest } from "./http";
import { median } from "./median";
import { Data, type Buyer, type Goods } from "./shop-under-test";
import { waitUntilQuiet } from "./wait-until-quiet";

const LINES = 20;
const PROMOTIONS = 200;
const QUOTES = 2_000;
const ROUNDS = 6;
const RUNS = 32;
const POINTS_PER_YUAN = 10_000;
const POINTS = 10;
/** Coupons of the one buyer whose orders are measured: a coupon for each order with offers. */
const COUPONS = ROUNDS * RUNS;

const show = (ms: number): string => `${ms.toFixed(2)} ms`;

/** CPU milliseconds in which the calculator prices 20 lines under 200 running promotions of all types. */
function measureCalculator(): number {
	const types = ["price_off", "percent_off", "amount_off", "units_off"] as const;
	const lines = Array.from({ length: LINES }, (_, n) => aLine(`sku-${n}`, 1000 + n, 2));
	const rules = Array.from({ length: PROMOTIONS }, (_, n) =>
		aRule(types[n % types.length] ?? "price_off", {
			id: `rule-${n}`,
			value: 1 + (n % 9),
			threshold: n % 2 ? 500 : 0,
			thresholdUnits: n % 4 === 3 ? 3 : 0,
			scope: { skuIds: [`sku-${n % LINES}`, `sku-${(n * 7) % LINES}`] }
		})
	);
	const request = aRequest(lines, { rules });
	for (let n = 0; n < QUOTES / 4; n++) calculateQuote(request);
	const before = process.cpuUsage();
	for (let n = 0; n < QUOTES; n++) calculateQuote(request);
	const { user, system } = process.cpuUsage(before);
	return (user + system) / 1000 / QUOTES;
}

type Sale = {
	readonly codes: readonly string[];
	/** SKUs of the previewed cart. */
	readonly skuIds: readonly string[];
	/** A SKU with two promotions, and one without any. */
	readonly offeredSkuId: string;
	readonly plainSkuId: string;
};

/** Sets up 200 running promotions, two of them for the measured SKU, and gives the first buyer coupons and points. */
async function setUpSale(shop: ShopProcess, { buyers: [buyer] }: Goods): Promise<Sale> {
	if (!buyer) throw new Error("No buyer");
	const staff = new StaffClient(shop, await shop.asAdmin());
	await staff.mustSend("PUT", "/admin/config/points.perYuan", { value: POINTS_PER_YUAN });
	const { skus: pair } = await staff.addProductOnShelf({
		skus: [aSku({ price: 5_000 }), aSku({ price: 5_000, attributes: { 颜色: "黑" } })]
	});
	const [offeredSkuId, plainSkuId]: string[] = pair.map(({ id }: { id: string }) => id);
	if (!offeredSkuId || !plainSkuId) throw new Error("No goods");
	for (const id of [offeredSkuId, plainSkuId]) await staff.addStock(id, 10_000);
	const shopper = new Shopper(shop, buyer.token);
	const order = await shopper.order(plainSkuId);
	const { paymentNo } = await shopper.createPayment(order.id);
	await shopper.payAtChannel(paymentNo);
	const parcel = { carrier: "SF", trackingNo: unique("SF") };
	await until("the order to be paid", async () => {
		const sent = await staff.send("POST", `/admin/orders/${order.id}/ship`, parcel);
		return sent.status === 200;
	});
	await shopper.mustSend("POST", `/orders/${order.id}/confirm`);
	await until(
		"points",
		async () => (await shopper.mustSend("GET", "/me/points")).balance > COUPONS * POINTS
	);

	const { items } = (await shop.http("GET", `/products?pageSize=${LINES}&inStock=true&sort=price_asc`)).body
		.data;
	const skuIds: string[] = [];
	for (const { id } of items as { id: string }[]) {
		const { skus } = (await shop.http("GET", `/products/${id}`)).body.data;
		const sku = (skus as { id: string; stock: string }[]).find(({ stock }) => stock !== "out");
		if (sku) skuIds.push(sku.id);
	}
	const promote = (...args: Parameters<typeof aPromotion>) =>
		staff.mustSend("POST", "/admin/promotions", aPromotion(...args));
	await promote("price_off", [offeredSkuId], { value: 100 });
	await promote("amount_off", [offeredSkuId], { threshold: 500, value: 50 });
	for (let n = 2; n < PROMOTIONS; n++)
		await promote("percent_off", [skuIds[n % skuIds.length] ?? offeredSkuId], { value: 1 + (n % 9) });
	const template = await staff.mustSend(
		"POST",
		"/admin/coupon-templates",
		aTemplate("fixed", { value: 50, total: 100_000, perUser: COUPONS })
	);
	const codes: string[] = [];
	for (let n = 0; n < COUPONS; n++) {
		const path = `/coupons/templates/${template.id}/claim`;
		codes.push((await shopper.mustSend("POST", path, {})).code as string);
	}
	return { codes, skuIds, offeredSkuId, plainSkuId };
}

/** `npm run bench:offers` measures what offers cost: a preview of 20 lines under 200 promotions, and an order with and without. */
async function main(): Promise<void> {
	const calculator = measureCalculator();
	const sales: Sale[] = [];
	const data = await Data.prepare({}, async (shop, goods) => {
		sales.push(await setUpSale(shop, goods));
	});
	const [sale] = sales;
	if (!sale) throw new Error("No sale");
	const shop = await data.start("main.ts");
	const client = new HttpClient(shop.url, 1);
	try {
		await shop.refreshTokens();
		const buyer = data.goods.buyers[0] as Buyer;
		const codes = [...sale.codes];
		const place = (body: object): HttpRequest => ({
			method: "POST",
			path: "/orders",
			token: buyer.token,
			key: unique("bench-"),
			body: { addressId: buyer.addressId, ...body },
			status: 201
		});
		const other = [{ skuId: sale.plainSkuId, quantity: 1 }];
		const offered = [{ skuId: sale.offeredSkuId, quantity: 1 }];
		const operations = {
			preview: (): HttpRequest => ({
				method: "POST",
				path: "/cart/preview",
				token: buyer.token,
				body: {
					items: sale.skuIds.map(skuId => ({ skuId, quantity: 1 })),
					addressId: buyer.addressId
				},
				status: 200
			}),
			plain: () => place({ items: other }),
			offers: () => place({ items: offered, couponCode: codes.pop(), usePoints: POINTS })
		};
		const costs: Record<keyof typeof operations, number[]> = { preview: [], plain: [], offers: [] };
		for (let round = 0; round < ROUNDS; round++)
			for (const [name, request] of Object.entries(operations)) {
				await waitUntilQuiet(data.dir);
				const before = await shop.child.ask("cpuMs");
				for (let n = 0; n < RUNS; n++) await client.send(request());
				await waitUntilQuiet(data.dir);
				// The first round warms up.
				if (round > 0)
					costs[name as keyof typeof costs].push(((await shop.child.ask("cpuMs")) - before) / RUNS);
			}
		const [preview, plain, offers] = [costs.preview, costs.plain, costs.offers].map(median);
		process.stdout.write(
			[
				`calculator, ${LINES} lines, ${PROMOTIONS} promotions    ${show(calculator)} (goal 1 ms)`,
				`POST /cart/preview, ${sale.skuIds.length} lines           ${show(preview ?? NaN)}`,
				`POST /orders without offers            ${show(plain ?? NaN)}`,
				`POST /orders with coupon, points, two promotions ${show(offers ?? NaN)}: ${((offers ?? NaN) / (plain ?? NaN)).toFixed(2)} times (goal 1.3)`
			].join("\n") + "\n"
		);
	} finally {
		client.close();
		await shop.end();
		data.remove();
	}
}

main().catch((err: unknown) => {
	process.stderr.write(`${err instanceof Error ? err.stack : String(err)}\n`);
	process.exit(1);
});
