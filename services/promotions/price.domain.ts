import { sumAmounts } from "../../schemas/values/money";
import {
	ACTIVITY_PHASE,
	calculateReduction,
	PHASES,
	type NotAppliedReason,
	type Offer,
	type OfferType,
	type PricedLine,
	type Reduction
} from "./offer.domain";

/** Savings of one offer: `amount` is the sum of its shares of the lines; `shippingSaved` is already taken off the quote's fee. */
export type Discount = {
	readonly type: OfferType;
	readonly id: string;
	readonly name: string;
	readonly amount: number;
	readonly shippingSaved: number;
	readonly lines: readonly { readonly skuId: string; readonly amount: number }[];
};

export type NotApplied = { readonly id: string; readonly name: string; readonly reason: NotAppliedReason };

/** `amount` is price × quantity, `payable` what is left of it after the discount. */
export type QuoteLine = {
	readonly skuId: string;
	readonly productId: string;
	readonly price: number;
	readonly quantity: number;
	readonly amount: number;
	readonly discount: number;
	readonly payable: number;
};

/** As `promotions.quote` answers, with `payable` in the place of its `amount`. */
export type CalculatedQuote = {
	readonly lines: readonly QuoteLine[];
	readonly itemsTotal: number;
	readonly discounts: readonly Discount[];
	readonly discountTotal: number;
	readonly notApplied: readonly NotApplied[];
	readonly shippingFee: number;
	readonly total: number;
	readonly currency: string;
};

type QuoteRequest = {
	readonly lines: readonly PricedLine[];
	readonly offers: readonly Offer[];
	readonly shippingFee: number;
	readonly currency: string;
};

/**
 * Calculates the price of lines with their offers, for cart, preview and order alike. The order of lines and offers in the
 * request changes nothing. An exclusive offer competes with all combinable ones together and, alone, wins if it saves more.
 */
export function calculateQuote({ lines, offers, shippingFee, currency }: QuoteRequest): CalculatedQuote {
	const sorted = lines.toSorted((a, b) => compare(a.skuId, b.skuId));
	const ranked = offers.toSorted((a, b) => b.priority - a.priority || compare(a.id, b.id));
	const alone = ranked.filter(offer => offer.exclusive).map(offer => [offer]);
	const outcomes = [ranked.filter(offer => !offer.exclusive), ...alone].map(set =>
		applyOffers(sorted, set, shippingFee)
	);
	const best = outcomes.reduce((winner, next) => (next.saved > winner.saved ? next : winner));
	const beaten = outcomes
		.filter(other => other !== best)
		.flatMap(other => [
			...other.notApplied,
			...other.discounts.map(offer => reject(offer, "BETTER_OFFER"))
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

/** Outcome of a set of offers; `left` is what remains to pay of each line. */
type Outcome = {
	readonly left: readonly number[];
	readonly fee: number;
	readonly discounts: readonly Discount[];
	readonly notApplied: readonly NotApplied[];
	readonly saved: number;
};

/** Applies the offers, which are ranked already, phase after phase. */
function applyOffers(lines: readonly PricedLine[], offers: readonly Offer[], shippingFee: number): Outcome {
	const left = lines.map(line => line.price * line.quantity);
	const discounts: Discount[] = [];
	const notApplied: NotApplied[] = [];
	let fee = shippingFee;

	const book = ({ offer, result }: Attempt) => {
		if (typeof result === "string") {
			notApplied.push(reject(offer, result));
		} else {
			result.shares.forEach((share, i) => (left[i] = (left[i] ?? 0) - share));
			fee -= result.shipping;
			discounts.push(toDiscount(offer, result, lines));
		}
	};
	const attempt = (offer: Offer): Attempt => ({
		offer,
		result: calculateReduction(offer, lines, left, fee)
	});

	const activities = offers.filter(offer => PHASES[offer.type] === ACTIVITY_PHASE);
	keepBestByLine(activities.map(attempt)).forEach(book);
	const later = offers.filter(offer => PHASES[offer.type] !== ACTIVITY_PHASE);
	for (const offer of later.toSorted((a, b) => PHASES[a.type] - PHASES[b.type])) book(attempt(offer));

	const saved = sumAmounts(discounts.map(({ amount, shippingSaved }) => amount + shippingSaved));
	return { left, fee, discounts, notApplied, saved };
}

type Attempt = { readonly offer: Offer; readonly result: Reduction | NotAppliedReason };

/** Keeps of several activities on a line only the best one, since a line has one price; of equal ones the first ranked. */
function keepBestByLine(attempts: readonly Attempt[]): Attempt[] {
	const best: { by: Attempt; amount: number }[] = [];
	for (const by of attempts)
		if (typeof by.result !== "string")
			by.result.shares.forEach((amount, line) => {
				if (amount > (best[line]?.amount ?? -1)) best[line] = { by, amount };
			});
	return attempts.map(attempt => {
		const { offer, result } = attempt;
		if (typeof result === "string") return attempt;
		const shares = result.shares.map((amount, line) => (best[line]?.by === attempt ? amount : 0));
		return { offer, result: sumAmounts(shares) > 0 ? { ...result, shares } : "BETTER_OFFER" };
	});
}

const toDiscount = (
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

const reject = ({ id, name }: Pick<Offer, "id" | "name">, reason: NotAppliedReason): NotApplied => ({
	id,
	name,
	reason
});

/** Compares by code unit, so that the order does not depend on the locale of the process. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
