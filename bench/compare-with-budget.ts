import type { Counts } from "./child";

/** The most that each operation may cost, by its name. */
export type Budget = Readonly<Record<string, Counts>>;

const KINDS = ["statements", "transactions", "commits", "calls"] as const;

/** Sentences about the operations that exceed the budget, and about those that leave some of it unused. */
export function compareWithBudget(
	counted: Budget,
	budget: Budget
): { readonly exceeded: readonly string[]; readonly unused: readonly string[] } {
	const exceeded: string[] = [];
	const unused: string[] = [];
	for (const [name, counts] of Object.entries(counted)) {
		const allowed = budget[name];
		if (!allowed) exceeded.push(`${name} has no budget: npm run bench -- --update-budget`);
		else
			for (const kind of KINDS) {
				const difference = counts[kind] - allowed[kind];
				const text = `${name}: ${counts[kind]} ${kind}, ${allowed[kind]} in bench/budget.json`;
				if (difference > 0) exceeded.push(`EXCEEDED ${text}`);
				if (difference < 0) unused.push(`less than allowed: ${text}`);
			}
	}
	return { exceeded, unused };
}
