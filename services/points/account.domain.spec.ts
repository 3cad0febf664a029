import fc from "fast-check";
import {
	applyChange,
	createAccount,
	createPointsOrder,
	findDueChange,
	type Account,
	type Entry,
	type PointsOrder
} from "./account.domain";

const NOW = new Date("2026-05-01T00:00:00Z");
const day = (n: number) => new Date(NOW.getTime() + n * 86_400_000);
const earn = (key: string, delta: number, expiresAt: Date) =>
	({ key, delta, reason: "earned", orderId: null, expiresAt }) as const;
const use = (delta: number) => ({ key: "use", delta: -delta, reason: "used", orderId: "o" }) as const;

/** The account after these changes, which must all be possible. */
function accountAfter(...changes: readonly Parameters<typeof applyChange>[1][]): Account {
	let account = createAccount("u");
	for (const change of changes) {
		const changed = applyChange(account, change, NOW);
		if (!changed) throw new Error(`The balance is too low for ${change.key}`);
		account = { ...account, ...changed };
	}
	return account;
}

it("takes points from the lots that expire first, and names the last of them", () => {
	const account = accountAfter(earn("b", 30, day(2)), earn("a", 20, day(1)), earn("c", 5, day(2)), use(40));

	expect(account.lots).toEqual([{ at: day(2), points: 15 }]);
	expect(account.inFlight.at(-1)).toMatchObject({ delta: -40, balance: 15, expiresAt: day(2) });
});

it("takes nothing where the balance is too low", () => {
	expect(applyChange(accountAfter(earn("a", 20, day(1))), use(21), NOW)).toBeNull();
});

it("has lots in the order of their ends that sum to the balance, whatever changes", () => {
	const change = fc.record({ delta: fc.integer({ min: -50, max: 50 }), end: fc.nat({ max: 5 }) });

	fc.assert(
		fc.property(fc.array(change, { maxLength: 20 }), changes => {
			let account = createAccount("u");
			for (const { delta, end } of changes.filter(one => one.delta !== 0)) {
				const made = applyChange(account, { ...earn("k", delta, day(end)) }, NOW);
				expect(made === null).toBe(account.balance + delta < 0);
				account = { ...account, ...made };
			}
			const ends = account.lots.map(({ at }) => at.getTime());
			expect(account.lots.reduce((sum, { points }) => sum + points, 0)).toBe(account.balance);
			expect(account.lots.every(({ points }) => points > 0)).toBe(true);
			expect(ends).toEqual([...new Set(ends)].sort((a, b) => a - b));
		})
	);
});

describe("the change that an order is due", () => {
	const order = (more: Partial<PointsOrder>): PointsOrder => ({
		...createPointsOrder("o", "u"),
		earns: 100,
		total: 1000,
		...more
	});
	const entry = (reason: Entry["reason"], delta: number) =>
		({ key: reason, delta, balance: 0, reason, orderId: "o", expiresAt: day(9), at: NOW }) as const;
	const due = (of: Partial<PointsOrder>, entries: readonly Entry[] = [], balance = 1000) => {
		const change = findDueChange(order(of), entries, balance, day(30));
		return change && [change.reason, change.delta];
	};

	it.each<[string, Partial<PointsOrder>, readonly Entry[], number, readonly [string, number] | null]>([
		["nothing before the order completes", { paid: true }, [], 0, null],
		["what it earns, once it is completed", { completed: true }, [], 0, ["earned", 100]],
		["nothing a second time", { completed: true }, [entry("earned", 100)], 100, null],
		["less for what was refunded before", { completed: true, refunded: 255 }, [], 0, ["earned", 75]],
		[
			"a share of the points used, for a refund",
			{ refunded: 500 },
			[entry("used", -33)],
			0,
			["returned", 16]
		],
		[
			"the rest of them, once the order has ended",
			{ ended: true },
			[entry("used", -33), entry("returned", 16)],
			0,
			["returned", 17]
		],
		[
			"what was earned for what is refunded now",
			{ completed: true, refunded: 500 },
			[entry("earned", 100)],
			100,
			["taken_back", -50]
		],
		[
			"no more of it than the balance",
			{ completed: true, ended: true },
			[entry("earned", 100)],
			7,
			["taken_back", -7]
		]
	])("is %s", (_, of, entries, balance, expected) => {
		expect(due(of, entries, balance)).toEqual(expected);
	});

	it("returns points with the end that they had", () => {
		const change = findDueChange(order({ ended: true }), [entry("used", -10)], 0, day(30));

		expect(change?.expiresAt).toEqual(day(9));
	});
});
