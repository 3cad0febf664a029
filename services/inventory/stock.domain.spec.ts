import fc from "fast-check";
import {
	applyChange,
	countChanges,
	createEmptyStock,
	revertChange,
	sumLedger,
	type Counts,
	type StockChange
} from "./stock.domain";

const TYPES = ["adjust", "reserve", "release", "deduct", "return"] as const;
const change = fc.record({ type: fc.constantFrom(...TYPES), quantity: fc.integer({ min: 1, max: 9 }) });
const nothing: Counts = { available: 0, reserved: 0, sold: 0 };

it("never lets a count go below zero, and the ledger of the counted changes sums to the stock", () => {
	fc.assert(
		fc.property(fc.array(change, { maxLength: 60 }), changes => {
			let stock = nothing;
			const ledger: Pick<StockChange, "type" | "quantity">[] = [];

			for (const { type, quantity } of changes) {
				const next = applyChange(stock, type, quantity);
				if (next) ledger.push({ type, quantity });
				stock = next ?? stock;
				expect(Math.min(stock.available, stock.reserved, stock.sold)).toBeGreaterThanOrEqual(0);
			}

			expect(sumLedger(ledger)).toEqual(stock);
		})
	);
});

it("reverts a change exactly", () => {
	const stock = { available: 5, reserved: 2, sold: 1 };
	const reserve = {
		cause: "o:reserve",
		type: "reserve",
		quantity: 3,
		orderId: "o",
		by: "system",
		reason: null
	} as const;

	const there = applyChange(stock, "reserve", 3);
	const back = there && revertChange(there, reserve);

	expect(there).toEqual({ available: 2, reserved: 5, sold: 1 });
	expect(back).toEqual(stock);
});

it.each([
	["adjust", { available: 7, reserved: 5, sold: 5 }],
	["reserve", { available: 3, reserved: 7, sold: 5 }],
	["release", { available: 7, reserved: 3, sold: 5 }],
	["deduct", { available: 5, reserved: 3, sold: 7 }],
	["return", { available: 7, reserved: 5, sold: 3 }]
] as const)("moves units from where they are to where they go: %s", (type, counts) => {
	expect(applyChange({ available: 5, reserved: 5, sold: 5 }, type, 2)).toEqual(counts);
});

it("gives the last unit away, and none after it, from a stock that starts empty", () => {
	const empty = createEmptyStock("sku", 10, new Date(0));

	const filled = applyChange(empty, "adjust", 1);
	const last = filled && applyChange(filled, "reserve", 1);

	expect(last).toEqual({ available: 0, reserved: 1, sold: 0 });
	expect(last && applyChange(last, "reserve", 1)).toBeNull();
	expect(empty).toMatchObject({ level: "out", lowStockAt: 10, inFlight: [], version: 0 });
});

it("refuses an adjustment below what is available, whatever is reserved", () => {
	const left = applyChange({ available: 2, reserved: 9, sold: 0 }, "adjust", -3);

	expect(left).toBeNull();
});

describe("counting changes together", () => {
	const at = new Date(1);
	const aReserve = (cause: string, quantity: number): StockChange => ({
		cause,
		type: "reserve",
		quantity,
		orderId: cause,
		by: "system",
		reason: null
	});
	const makeIds = () => {
		let id = 0;
		return () => String(id++);
	};
	const stock = { available: 5, reserved: 0, sold: 0 };

	it("counts each from what the former one left, and leaves out one that asks for too much", () => {
		const changes = [aReserve("a", 3), aReserve("b", 3), aReserve("c", 2)];

		const counted = countChanges(stock, changes, new Map(), makeIds(), at);

		const between = { available: 2, reserved: 3, sold: 0 };
		expect(counted).toEqual([
			{ ...aReserve("a", 3), id: "0", before: stock, after: between, at },
			{
				...aReserve("c", 2),
				id: "1",
				before: between,
				after: { available: 0, reserved: 5, sold: 0 },
				at
			}
		]);
	});

	it("counts a cause once, and one that is known not at all", () => {
		const [known] = countChanges(stock, [aReserve("a", 1)], new Map(), makeIds(), at);
		const changes = [aReserve("a", 1), aReserve("b", 1), aReserve("b", 1)];

		const counted = countChanges(stock, changes, new Map([["a", known!]]), makeIds(), at);

		expect(counted.map(({ cause }) => cause)).toEqual(["b"]);
	});
});
