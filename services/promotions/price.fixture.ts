import type { PromotionType } from "../../schemas/promotions.contract";
import type { CalculatedQuote, Discount, QuoteInput } from "./price.domain";
import { compileScope, type Scope } from "./scope.domain";
import type { Coupon, PricedLine, Rule } from "./rule.domain";

const EVERYWHERE: Scope = { all: true };

export const aLine = (
	skuId: string,
	price: number,
	quantity = 1,
	more: Partial<PricedLine> = {}
): PricedLine => ({
	skuId,
	productId: `p-${skuId}`,
	categoryIds: [],
	brandId: null,
	price,
	quantity,
	...more
});

type RuleFields = Partial<Omit<Rule, "covers" | "type">> & { readonly scope?: Scope };
export const aRule = (type: PromotionType, { scope = EVERYWHERE, ...more }: RuleFields = {}): Rule => ({
	id: type,
	name: `Rule ${type}`,
	type,
	value: 0,
	threshold: 0,
	thresholdUnits: 0,
	tiers: [],
	repeat: false,
	gift: null,
	covers: compileScope(scope),
	priority: 0,
	exclusive: false,
	blocked: null,
	unitsLeft: { inAll: Infinity, forBuyer: Infinity },
	...more
});

type CouponFields = Partial<Omit<Coupon, "covers" | "type">> & { readonly scope?: Scope };
export const aCoupon = (
	type: Coupon["type"],
	{ scope = EVERYWHERE, ...more }: CouponFields = {}
): Coupon => ({
	id: `c-${type}`,
	code: `C-${type}`,
	name: `Coupon ${type}`,
	type,
	value: 0,
	maxDiscount: Infinity,
	threshold: 0,
	thresholdUnits: 0,
	covers: compileScope(scope),
	blocked: null,
	...more
});

export const aRequest = (lines: readonly PricedLine[], more: Partial<QuoteInput> = {}): QuoteInput => ({
	lines,
	rules: [],
	coupon: null,
	offered: [],
	points: { wanted: 0, balance: 0, fenPerPoint: 1, maxPercent: 50, perYuan: 1 },
	feeFor: () => 0,
	giftStock: new Map(),
	currency: "CNY",
	...more
});

type NaiveUnit = { readonly sku: string; readonly fen: number };
/** A line of the naive calculator. */
type NaiveLine = { readonly line: PricedLine; readonly start: number; left: number; taken: boolean };

/**
 * Prices a cart by the words of the REST contract alone, unit by unit and without any of the calculator's code, for specs that
 * compare the two. Slow, and only for small carts.
 */
export function calculateNaively({
	lines,
	rules,
	coupon,
	points,
	feeFor,
	giftStock
}: QuoteInput): Pick<CalculatedQuote, "total" | "shippingFee" | "discounts" | "gifts"> {
	const cart: NaiveLine[] = [...lines]
		.sort((a, b) => (a.skuId < b.skuId ? -1 : 1))
		.map(line => {
			const start = line.price * line.quantity;
			return { line, start, left: start, taken: false };
		});
	const discounts: Discount[] = [];
	const gifts: CalculatedQuote["gifts"][number][] = [];
	const sum = (ns: readonly number[]) => ns.reduce((a, b) => a + b, 0);
	const ranked = [...rules].sort((a, b) => b.priority - a.priority || (a.id < b.id ? -1 : 1));
	const inScope = (rule: Pick<Rule, "covers">) => cart.filter(c => !c.taken && rule.covers(c.line));
	const isMet = (rule: Pick<Rule, "covers" | "threshold" | "thresholdUnits">) => {
		const own = inScope(rule);
		return (
			own.length > 0 &&
			sum(own.map(c => c.left)) >= rule.threshold &&
			sum(own.map(c => c.line.quantity)) >= rule.thresholdUnits
		);
	};
	const record = (
		step: Discount["step"],
		{ type, id, name }: Pick<Discount, "type" | "id" | "name">,
		cuts: ReadonlyMap<NaiveLine, number>
	) => {
		const own = [...cuts.keys()];
		const base = sum(own.map(c => c.left));
		for (const [c, fen] of cuts) c.left -= fen;
		const shares = own
			.filter(c => cuts.get(c))
			.map(c => ({ skuId: c.line.skuId, amount: cuts.get(c) ?? 0 }));
		discounts.push({ step, type, id, name, amount: sum([...cuts.values()]), base, lines: shares });
	};
	const totalOf = (cuts: ReadonlyMap<NaiveLine, number> | null) => (cuts ? sum([...cuts.values()]) : -1);

	// Unit prices.
	const cutUnits = (rule: Rule): Map<NaiveLine, number> => {
		const cuts = new Map<NaiveLine, number>();
		if (rule.blocked || !isMet(rule)) return cuts;
		let units = Math.min(rule.unitsLeft.inAll, rule.unitsLeft.forBuyer);
		for (const c of inScope(rule)) {
			const { price, quantity } = c.line;
			const now = rule.type === "flash_sale" ? rule.value : Math.max(0, price - rule.value);
			if (now >= price || (rule.type === "flash_sale" && quantity > units)) continue;
			if (rule.type === "flash_sale") units -= quantity;
			cuts.set(c, (price - now) * quantity);
		}
		return cuts;
	};
	const ofUnit = ranked.filter(r => r.type === "flash_sale" || r.type === "price_off");
	const waiting = ofUnit.filter(r => r.exclusive);
	for (;;) {
		let best: Rule | null = null;
		for (const rule of waiting)
			if (totalOf(cutUnits(rule)) > Math.max(0, best ? totalOf(cutUnits(best)) : 0)) best = rule;
		if (!best) break;
		const cuts = cutUnits(best);
		const own = best.type === "flash_sale" ? [...cuts.keys()] : inScope(best);
		record("unit", best, cuts);
		for (const c of own) c.taken = true;
		waiting.splice(waiting.indexOf(best), 1);
	}
	const flashSales = ofUnit.filter(r => !r.exclusive && r.type === "flash_sale");
	for (const rule of flashSales.sort((a, b) => a.value - b.value)) {
		const cuts = cutUnits(rule);
		if (!cuts.size) continue;
		record("unit", rule, cuts);
		for (const c of cuts.keys()) c.taken = true;
	}
	const offers = ofUnit.filter(r => !r.exclusive && r.type === "price_off");
	const cutsOf = new Map(offers.map(rule => [rule, cutUnits(rule)]));
	const winnerOf = new Map(
		cart.map(c => {
			let winner: Rule | null = null;
			for (const rule of offers)
				if ((cutsOf.get(rule)?.get(c) ?? 0) > (winner ? (cutsOf.get(winner)?.get(c) ?? 0) : 0))
					winner = rule;
			return [c, winner];
		})
	);
	for (const rule of offers) {
		const won = [...(cutsOf.get(rule) ?? [])].filter(([c]) => winnerOf.get(c) === rule);
		if (won.length) record("unit", rule, new Map(won));
	}

	// Lines and order.
	const split = (amount: number, own: readonly NaiveLine[]): Map<NaiveLine, number> => {
		const whole = BigInt(sum(own.map(c => c.left)));
		const parts = own.map(c => {
			const exact = BigInt(amount) * BigInt(c.left);
			return { c, fen: exact / whole, rest: exact % whole };
		});
		for (let over = BigInt(amount) - parts.reduce((a, p) => a + p.fen, 0n); over > 0n; over--) {
			let most = parts[0];
			for (const part of parts) if (most && part.rest > most.rest) most = part;
			if (most) {
				most.fen++;
				most.rest = -1n;
			}
		}
		return new Map(parts.map(({ c, fen }) => [c, Number(fen)]));
	};
	const take = (amount: number, own: readonly NaiveLine[]) => {
		const most = Math.min(amount, sum(own.map(c => c.left)));
		return most > 0 ? split(most, own) : null;
	};
	const percentOf = (amount: number, percent: number) =>
		Number((BigInt(amount) * BigInt(percent) + 50n) / 100n);
	const unitsOf = (c: NaiveLine): NaiveUnit[] => {
		let left = c.left;
		return Array.from({ length: c.line.quantity }, (_, i) => {
			const fen = Math.floor(left / (c.line.quantity - i));
			left -= fen;
			return { sku: c.line.skuId, fen };
		});
	};
	const cut = (rule: Rule): Map<NaiveLine, number> | null => {
		if (rule.blocked) return null;
		const own = inScope(rule);
		const base = sum(own.map(c => c.left));
		const units = sum(own.map(c => c.line.quantity));
		const reached = rule.tiers.filter(tier => tier.threshold <= base);
		if (rule.tiers.length ? !own.length || !reached.length || units < rule.thresholdUnits : !isMet(rule))
			return null;
		let times = 1;
		if (rule.repeat && (rule.threshold || rule.thresholdUnits)) {
			times = 0;
			while ((times + 1) * rule.threshold <= base && (times + 1) * rule.thresholdUnits <= units)
				times++;
		}
		if (rule.type === "percent_off") return take(percentOf(base, rule.value), own);
		if (rule.type === "amount_off")
			return take(rule.tiers.length ? Math.max(...reached.map(t => t.value)) : rule.value * times, own);
		if (rule.type === "units_off") {
			const all = own.flatMap(unitsOf).sort((a, b) => a.fen - b.fen || (a.sku < b.sku ? -1 : 1));
			const free = all.slice(0, rule.value * times);
			const cuts = new Map(
				own.map(c => [c, sum(free.filter(u => u.sku === c.line.skuId).map(u => u.fen))])
			);
			return totalOf(cuts) > 0 ? cuts : null;
		}
		const gift = rule.gift;
		if (!gift) return null;
		const gone = [...lines, ...gifts].filter(l => l.skuId === gift.skuId).map(l => l.quantity);
		if ((giftStock.get(gift.skuId) ?? 0) - sum(gone) < gift.quantity) return null;
		return new Map(own.map(c => [c, 0]));
	};
	const apply = (step: "line" | "order", rule: Rule, cuts: ReadonlyMap<NaiveLine, number>) => {
		record(step, rule, cuts);
		if (rule.gift && rule.type === "gift") gifts.push({ ...rule.gift, promotionId: rule.id });
	};
	const stepOf = { percent_off: "line", units_off: "line", amount_off: "order", gift: "order" } as const;
	for (const step of ["line", "order"] as const) {
		for (const c of cart) c.taken = false;
		const own = ranked.filter(r => r.type in stepOf && stepOf[r.type as keyof typeof stepOf] === step);
		const exclusive = own.filter(r => r.exclusive);
		for (;;) {
			let best: Rule | null = null;
			for (const rule of exclusive)
				if (totalOf(cut(rule)) > (best ? totalOf(cut(best)) : -1)) best = rule;
			const cuts = best && cut(best);
			if (!best || !cuts) break;
			const theirs = inScope(best);
			apply(step, best, cuts);
			for (const c of theirs) c.taken = true;
			exclusive.splice(exclusive.indexOf(best), 1);
		}
		for (const rule of own) {
			if (rule.exclusive) continue;
			const cuts = cut(rule);
			if (cuts) apply(step, rule, cuts);
		}
	}

	// Coupon, points, shipping.
	for (const c of cart) c.taken = false;
	if (coupon && !coupon.blocked && coupon.type !== "free_shipping" && isMet(coupon)) {
		const own = inScope(coupon);
		const base = sum(own.map(c => c.left));
		const percent = Math.min(coupon.maxDiscount, percentOf(base, coupon.value));
		const cuts = take(coupon.type === "fixed" ? coupon.value : percent, own);
		if (cuts) record("coupon", coupon, cuts);
	}
	const left = sum(cart.map(c => c.left));
	const most = Number((BigInt(left) * BigInt(points.maxPercent)) / 100n / BigInt(points.fenPerPoint));
	const used = Math.min(points.wanted, points.balance, most);
	const paid = take(used * points.fenPerPoint, cart);
	if (paid) record("points", { type: "points", id: "points", name: "积分抵扣" }, paid);
	let fee = feeFor([]);
	const free = [
		...ranked.filter(r => r.type === "free_shipping"),
		...(coupon?.type === "free_shipping" ? [coupon] : [])
	];
	for (const offer of free) {
		if (offer.blocked || fee === 0 || !isMet(offer)) continue;
		const { type, id, name } = offer;
		const base = sum(inScope(offer).map(c => c.left));
		discounts.push({ step: "shipping", type, id, name, amount: fee, base, lines: [] });
		fee = 0;
	}
	return { total: sum(cart.map(c => c.left)) + fee, shippingFee: fee, discounts, gifts };
}
