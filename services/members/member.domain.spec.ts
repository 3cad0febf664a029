import {
	findLevel,
	findMemberPrices,
	findNextLevel,
	sumSpent,
	type Level,
	type PriceList
} from "./member.domain";

const NOW = new Date("2026-05-01T00:00:00Z");
const LEVELS: readonly Level[] = [
	{ _id: "gold", name: "Gold", minSpent: 10_000 },
	{ _id: "plain", name: "Plain", minSpent: 0 },
	{ _id: "silver", name: "Silver", minSpent: 1000 }
];

it("sums totals of completed orders less their refunds", () => {
	expect(
		sumSpent([
			{ completed: true, total: 1000, refunded: 300 },
			{ completed: false, total: 5000, refunded: 0 },
			{ completed: true, total: 200, refunded: 200 }
		])
	).toBe(700);
});

it.each([
	[0, "plain", "silver"],
	[999, "plain", "silver"],
	[1000, "silver", "gold"],
	[10_000, "gold", null]
])("finds the level of %i fen and the next one", (spent, level, next) => {
	expect([findLevel(LEVELS, spent)?._id, findNextLevel(LEVELS, spent)?._id ?? null]).toEqual([level, next]);
});

it("finds no level below the lowest", () => {
	expect(findLevel([{ _id: "silver", name: "Silver", minSpent: 1000 }], 999)).toBeNull();
});

describe("the prices of members", () => {
	const list = (price: number, more: Partial<PriceList> = {}): PriceList => ({
		_id: "l",
		name: "List",
		levelIds: null,
		startsAt: null,
		endsAt: null,
		prices: [{ skuId: "a", price }],
		createdAt: NOW,
		updatedAt: NOW,
		...more
	});
	const priceOf = (lists: readonly PriceList[], levelId: string | null = "gold") =>
		findMemberPrices(lists, levelId, ["a", "b"], NOW)[0]?.price ?? null;

	it("are the lowest of all lists that apply", () => {
		expect(priceOf([list(900), list(800), list(850)])).toBe(800);
		expect(findMemberPrices([list(900)], null, ["b"], NOW)).toEqual([]);
	});

	it.each<[string, Partial<PriceList>, number | null]>([
		["begins now", { startsAt: NOW }, 500],
		["begins later", { startsAt: new Date(NOW.getTime() + 1) }, null],
		["ends now", { endsAt: NOW }, null],
		["ends later", { endsAt: new Date(NOW.getTime() + 1) }, 500],
		["is for this level", { levelIds: ["silver", "gold"] }, 500],
		["is for another level", { levelIds: ["silver"] }, null],
		["names no level", { levelIds: [] }, 500]
	])("of a list that %s", (_, more, expected) => {
		expect(priceOf([list(500, more)])).toBe(expected);
	});

	it("of a level are not those of a user without one", () => {
		expect(priceOf([list(500, { levelIds: ["gold"] })], null)).toBeNull();
	});
});
