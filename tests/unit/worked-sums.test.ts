import { readFileSync } from "node:fs";
import { join } from "node:path";
import { calculateQuote } from "../../services/promotions/price.domain";
import { aCoupon, aLine, aRequest, aRule } from "../../services/promotions/price.fixture";
import { ROOT } from "../support/root";

/** The sums of `docs/promotions.md`, each a cart with its offers and what they come to. */
const sums: any[] = [
	...readFileSync(join(ROOT, "docs/promotions.md"), "utf8").matchAll(/^```json worked-sum\n(.+?)^```$/gms)
].map(([, json = ""]) => JSON.parse(json));

it.each(sums.map((sum, i) => [i + 1, sum]))("calculates sum %i of the page as the shop does", (_, sum) => {
	const { cart, promotions = [], coupon, usePoints = 0, freight = 0, result } = sum;

	const quote = calculateQuote(
		aRequest(
			cart.map(({ sku, price, quantity }: any) => aLine(sku, price, quantity)),
			{
				rules: promotions.map(({ type, ...more }: any) => aRule(type, { ...more, id: more.name })),
				coupon: coupon ? aCoupon(coupon.type, coupon) : null,
				points: { wanted: usePoints, balance: 10_000, fenPerPoint: 1, maxPercent: 50, perYuan: 1 },
				feeFor: () => freight
			}
		)
	);

	const { discounts, lines, notApplied, shippingFee, total } = quote;
	const rejected = notApplied.flatMap(({ name, reason, missing }) => [
		[name, reason],
		...(missing === undefined ? [] : [["missing", missing]])
	]);
	expect({
		discounts: Object.fromEntries(discounts.map(({ name, amount }) => [name, amount])),
		notApplied: Object.fromEntries(rejected),
		lines: Object.fromEntries(lines.map(({ skuId, amount }) => [skuId, amount])),
		shippingFee,
		total
	}).toMatchObject({ notApplied: {}, ...result });
	expect(Object.keys(result.discounts)).toHaveLength(discounts.length);
	expect(Object.keys(result.notApplied ?? {})).toHaveLength(rejected.length);
});

it("finds the sums of the page", () => {
	expect(sums.length).toBeGreaterThan(10);
});
