import { sumAmounts } from "../../schemas/money";
import {
	ACTIVITY_PHASE,
	calculateReduction,
	PHASES,
	type Reduction,
	type Offer,
	type OfferType,
	type PricedLine,
	type NotAppliedReason
} from "./offer.domain";

/** `shippingSaved` is apart from `amount`, which the shares of the lines sum to; the quote's fee is already less by it. */
export type Discount = {
	readonly type: OfferType;
	readonly id: string;
	readonly name: string;
	readonly amount: number;
	readonly shippingSaved: number;
	readonly lines: readonly { readonly skuId: string; readonly amount: number }[];
};

export type NotApplied = { readonly id: string; readonly name: string; readonly reason: NotAppliedReason };

export type QuoteLine = {
	readonly skuId: string;
	readonly productId: string;
	readonly price: number;
	readonly quantity: number;
	readonly amount: number;
	readonly discount: number;
	readonly payable: number;
};

export type Quote = {
	readonly lines: readonly QuoteLine[];
	readonly itemsTotal: number;
	readonly discounts: readonly Discount[];
	readonly discountTotal: number;
	readonly notApplied: readonly NotApplied[];
	readonly shippingFee: number;
	readonly total: number;
	readonly currency: string;
};

type Basket = {
	readonly lines: readonly PricedLine[];
	readonly offers: readonly Offer[];
	readonly shippingFee: number;
	readonly currency: string;
};

/**
 * The one price calculator: cart, preview and order all show what it says. The order in which lines and offers come in
 * changes nothing. An exclusive offer stands against all combinable ones together and is taken, alone, when it saves more.
 */
export function calculateQuote({ lines, offers, shippingFee, currency }: Basket): Quote {
	const sorted = lines.toSorted((a, b) => compare(a.skuId, b.skuId));
	const ranked = offers.toSorted((a, b) => b.priority - a.priority || compare(a.id, b.id));
	const alone = ranked.filter(offer => offer.exclusive).map(offer => [offer]);
	const deals = [ranked.filter(offer => !offer.exclusive), ...alone].map(set =>
		deal(sorted, set, shippingFee)
	);
	const best = deals.reduce((winner, next) => (next.saved > winner.saved ? next : winner));
	const beaten = deals
		.filter(other => other !== best)
		.flatMap(other => [
			...other.notApplied,
			...other.discounts.map(offer => refused(offer, "BETTER_OFFER"))
		]);

	const left = new Map(sorted.map(({ skuId }, i) => [skuId, best.left[i] ?? 0]));
	const quoted = lines.map(({ skuId, productId, price, quantity }) => {
		const amount = price * quantity;
		const payable = left.get(skuId) ?? amount;
		return { skuId, productId, price, quantity, amount, discount: amount - payable, payable };
	});
	return {
		lines: quoted,
		itemsTotal: sumAmounts(quoted.map(line => line.amount)),
		discounts: best.discounts,
		discountTotal: sumAmounts(best.discounts.map(discount => discount.amount)),
		notApplied: [...best.notApplied, ...beaten].sort((a, b) => compare(a.id, b.id)),
		shippingFee: best.fee,
		total: sumAmounts(best.left) + best.fee,
		currency
	};
}

/**
 * What `quantity` units of a line really cost, one by one, when `before` units of it are settled already (refunded, say).
 * The units of a line sum to its `payable` and differ by a fen at most, so the last one takes exactly the rest.
 */
export function unitShares(
	line: { readonly payable: number; readonly quantity: number },
	quantity: number,
	before = 0
): number[] {
	if (before + quantity > line.quantity) throw new RangeError(`The line has only ${line.quantity} units`);
	const upTo = (units: number) => Math.floor((line.payable * units) / line.quantity);
	return Array.from({ length: quantity }, (_, i) => upTo(before + i + 1) - upTo(before + i));
}

type Deal = {
	readonly left: readonly number[];
	readonly fee: number;
	readonly discounts: readonly Discount[];
	readonly notApplied: readonly NotApplied[];
	readonly saved: number;
};

/** Applies the offers, ranked already, phase after phase. */
function deal(lines: readonly PricedLine[], offers: readonly Offer[], shippingFee: number): Deal {
	const left = lines.map(line => line.price * line.quantity);
	const discounts: Discount[] = [];
	const notApplied: NotApplied[] = [];
	let fee = shippingFee;

	const settle = ({ offer, cut }: Attempt) => {
		if (typeof cut === "string") {
			notApplied.push(refused(offer, cut));
		} else {
			cut.shares.forEach((share, i) => (left[i] = (left[i] ?? 0) - share));
			fee -= cut.shipping;
			discounts.push(applied(offer, cut, lines));
		}
	};

	const activities = offers.filter(offer => PHASES[offer.type] === ACTIVITY_PHASE);
	bestByLine(
		activities.map(offer => ({ offer, cut: calculateReduction(offer, lines, left, fee) }))
	).forEach(settle);
	const later = offers.filter(offer => PHASES[offer.type] !== ACTIVITY_PHASE);
	for (const offer of later.toSorted((a, b) => PHASES[a.type] - PHASES[b.type]))
		settle({ offer, cut: calculateReduction(offer, lines, left, fee) });

	const saved = sumAmounts(discounts.map(({ amount, shippingSaved }) => amount + shippingSaved));
	return { left, fee, discounts, notApplied, saved };
}

type Attempt = { readonly offer: Offer; readonly cut: Reduction | NotAppliedReason };

/** A line has one price: of several activities only the best touches it, the first ranked of equals. */
function bestByLine(attempts: readonly Attempt[]): Attempt[] {
	const best: { by: Attempt; amount: number }[] = [];
	for (const by of attempts)
		if (typeof by.cut !== "string")
			by.cut.shares.forEach((amount, line) => {
				if (amount > (best[line]?.amount ?? -1)) best[line] = { by, amount };
			});
	return attempts.map(attempt => {
		const { offer, cut } = attempt;
		if (typeof cut === "string") return attempt;
		const shares = cut.shares.map((amount, line) => (best[line]?.by === attempt ? amount : 0));
		return { offer, cut: sumAmounts(shares) > 0 ? { ...cut, shares } : "BETTER_OFFER" };
	});
}

const applied = (
	{ type, id, name }: Offer,
	{ shares, shipping }: Reduction,
	lines: readonly PricedLine[]
): Discount => ({
	type,
	id,
	name,
	amount: sumAmounts(shares),
	shippingSaved: shipping,
	lines: lines.flatMap(({ skuId }, i) => (shares[i] ? [{ skuId, amount: shares[i] }] : []))
});

const refused = ({ id, name }: Pick<Offer, "id" | "name">, reason: NotAppliedReason): NotApplied => ({
	id,
	name,
	reason
});

/** By code unit: the same everywhere, whatever the locale of the process. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
