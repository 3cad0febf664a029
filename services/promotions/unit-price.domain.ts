import { sumAmounts } from "../../schemas/values/money";
import { testCondition, type LineState, type Reduction, type Rejection } from "./reduction.domain";
import { compareRank, type Rule } from "./rule.domain";

export type Outcome = { readonly rule: Rule; readonly result: Reduction | Rejection };

/** Fen off each line by one rule; 0 where it does not apply. */
type Cuts = readonly number[];

/**
 * Decides the unit price of each line: the running flash sale if it has units left for the whole line and is lower, else the
 * one `price_off` that leaves least. Exclusive rules take their lines first, the one that saves most before the others.
 * `states` hold the lines at their start price; the caller takes the shares off them.
 */
export function decideUnitPrices(states: readonly LineState[], rules: readonly Rule[]): Outcome[] {
	const ranked = rules.toSorted(compareRank);
	const open = states.map(state => ({ ...state, free: true }));
	const outcomes: Outcome[] = [];

	let exclusive = ranked.filter(rule => rule.exclusive);
	for (;;) {
		const best = exclusive
			.map(rule => ({ rule, cuts: cutLines(rule, open) }))
			.reduce<{ rule: Rule; cuts: Cuts } | null>(
				(winner, next) => (sumAmounts(next.cuts) > sumAmounts(winner?.cuts ?? []) ? next : winner),
				null
			);
		if (!best) break;
		outcomes.push(toOutcome(best.rule, best.cuts, states));
		take(open, best);
		exclusive = exclusive.filter(rule => rule !== best.rule);
	}

	const others = ranked.filter(rule => !rule.exclusive);
	const flashSales = others.filter(({ type }) => type === "flash_sale").sort((a, b) => a.value - b.value);
	for (const rule of flashSales) {
		const cuts = cutLines(rule, open);
		if (sumAmounts(cuts) === 0) continue;
		outcomes.push(toOutcome(rule, cuts, states));
		take(open, { rule, cuts });
	}
	const offers = others
		.filter(({ type }) => type === "price_off")
		.map(rule => ({ rule, cuts: cutLines(rule, open) }));
	const best = open.map((_, i) =>
		offers.reduce<(typeof offers)[number] | null>(
			(winner, next) => ((next.cuts[i] ?? 0) > (winner?.cuts[i] ?? 0) ? next : winner),
			null
		)
	);
	for (const offer of offers) {
		const cuts = offer.cuts.map((cut, i) => (best[i] === offer ? cut : 0));
		if (sumAmounts(cuts) > 0) outcomes.push(toOutcome(offer.rule, cuts, states));
	}

	const applied = new Set(outcomes.map(({ rule }) => rule));
	const rejected = ranked
		.filter(rule => !applied.has(rule))
		.map(rule => ({ rule, result: explainRejection(rule, states) }));
	return [...outcomes, ...rejected];
}

/** A flash sale takes the lines that it prices; a `price_off` takes all of its lines. */
function take(open: readonly LineState[], { rule, cuts }: { rule: Rule; cuts: Cuts }): void {
	open.forEach((state, i) => {
		if (rule.type === "flash_sale" ? (cuts[i] ?? 0) > 0 : rule.covers(state.line)) state.free = false;
	});
}

/** Fen that the rule takes off each free line; nothing where its condition is not met. */
function cutLines(rule: Rule, states: readonly LineState[]): Cuts {
	const none = states.map(() => 0);
	if (rule.blocked || "reason" in testCondition(rule, states)) return none;
	let unitsLeft = Math.min(rule.unitsLeft.inAll, rule.unitsLeft.forBuyer);
	return states.map(({ line, free }) => {
		const { price, quantity } = line;
		if (!free || !rule.covers(line)) return 0;
		if (rule.type === "price_off") return Math.min(rule.value, price) * quantity;
		if (rule.value >= price || quantity > unitsLeft) return 0;
		unitsLeft -= quantity;
		return (price - rule.value) * quantity;
	});
}

function toOutcome(rule: Rule, cuts: Cuts, states: readonly LineState[]): Outcome {
	const base = sumAmounts(states.map(({ left }, i) => ((cuts[i] ?? 0) > 0 ? left : 0)));
	return { rule, result: { base, amount: sumAmounts(cuts), shares: cuts } };
}

function explainRejection(rule: Rule, states: readonly LineState[]): Rejection {
	const met = testCondition(
		rule,
		states.map(state => ({ ...state, free: true }))
	);
	if ("reason" in met) return rule.blocked && met.reason !== "SCOPE" ? { reason: rule.blocked } : met;
	if (rule.blocked) return { reason: rule.blocked };
	const cheaper = states.filter(({ line }) => rule.covers(line) && rule.value < line.price);
	const short = (units: number) => cheaper.length > 0 && cheaper.every(({ line }) => line.quantity > units);
	if (rule.type === "flash_sale" && short(rule.unitsLeft.inAll)) return { reason: "SOLD_OUT" };
	if (rule.type === "flash_sale" && short(rule.unitsLeft.forBuyer)) return { reason: "LIMIT" };
	return { reason: "EXCLUDED" };
}
