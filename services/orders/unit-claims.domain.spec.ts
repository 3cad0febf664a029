import fc from "fast-check";
import { countShipped, listUnitsToSend, packParcel } from "./order-lines.domain";
import type { Order, StoredItem } from "./order.domain";
import { anOrder } from "./order.fixture";
import {
	chooseUnits,
	computeMaximum,
	countFree,
	countRefunded,
	createClaim,
	failRefund,
	isCancelledWhole,
	listKeptLines,
	putClaim,
	splitRefund,
	startRefund,
	type UnitClaim
} from "./unit-claims.domain";

const anItem = (skuId: string, quantity: number, amount: number): StoredItem => ({
	skuId,
	productId: `p-${skuId}`,
	name: "茶",
	image: null,
	attributes: {},
	price: 1,
	quantity,
	discount: 0,
	amount
});
const buy = (items: readonly StoredItem[], shippingFee = 0): Order =>
	anOrder({
		status: "paid",
		items,
		shippingFee,
		total: items.reduce((sum, { amount }) => sum + amount, shippingFee)
	});
const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);

it("splits 100 fen over three units so that the last one takes the rest", () => {
	let order = buy([anItem("a", 3, 100)]);

	const amounts = ["x", "y", "z"].map(id => {
		const claim = createClaim(id, "case", chooseUnits(order, [{ skuId: "a", quantity: 1 }]));
		order = { ...order, ...putClaim(order, { ...claim, state: "refunded" }) };
		return claim.amount;
	});

	expect(amounts).toEqual([33, 33, 34]);
	expect(isCancelledWhole(order)).toBe(true);
});

it("refunds no fen more than a line cost where a claim of an earlier version took the rest first", () => {
	const order = buy([anItem("a", 3, 100)]);
	const one = [{ skuId: "a", quantity: 1, unsent: 1, amount: 34 }];
	const before = createClaim("x", "case", { lines: one, units: ["a#0"] });

	const { lines } = chooseUnits({ ...order, unitClaims: [before] }, [{ skuId: "a", quantity: 2 }]);

	expect(lines).toMatchObject([{ quantity: 2, amount: 66 }]);
});

it("adds the fee only when nothing is left that could be sent", () => {
	const order = buy([anItem("a", 2, 200)], 80);
	const claimOf = (quantity: number) => chooseUnits(order, [{ skuId: "a", quantity }]).lines;

	expect(computeMaximum(order, claimOf(1))).toEqual({ shipping: 0, maximum: 100 });
	expect(computeMaximum(order, claimOf(2))).toEqual({ shipping: 80, maximum: 280 });
	const { items } = packParcel(order, [{ skuId: "a", quantity: 1 }]);
	expect(computeMaximum({ ...order, items }, claimOf(2))).toEqual({ shipping: 0, maximum: 200 });
});

it("pays no more than an earlier refund of a bare amount has left", () => {
	const order = { ...buy([anItem("a", 1, 100)]), refundedTotal: 30 };

	expect(computeMaximum(order, chooseUnits(order, [{ skuId: "a", quantity: 1 }]).lines).maximum).toBe(70);
});

it("splits a smaller refund over lines and fee in proportion", () => {
	const order = buy([anItem("a", 1, 300), anItem("b", 1, 600)], 100);
	const both = ["a", "b"].map(skuId => ({ skuId, quantity: 1 }));
	const claim = createClaim("c", "case", chooseUnits(order, both));

	const { lines, shipping } = splitRefund(startRefund(claim, { amount: 500, shipping: 100 }));

	expect([...lines.map(({ amount }) => amount), shipping]).toEqual([150, 300, 50]);
});

type Step = {
	readonly act: "case" | "staff" | "parcel" | "request" | "succeed" | "fail" | "reject";
	readonly pick: number;
	readonly units: number;
};
const step: fc.Arbitrary<Step> = fc.record({
	act: fc.constantFrom(
		"case",
		"case",
		"staff",
		"parcel",
		"request",
		"request",
		"succeed",
		"succeed",
		"fail",
		"reject"
	),
	pick: fc.nat(1000),
	units: fc.integer({ min: 1, max: 4 })
});
const bought = fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 1000 })), {
	minLength: 1,
	maxLength: 3
});

/** Takes the step where the order allows it. */
function take(order: Order, { act, pick, units }: Step, n: number): Order {
	const claims = order.unitClaims ?? [];
	const put = (claim: UnitClaim): Order => ({ ...order, ...putClaim(order, claim) });
	const oneIn = (state: UnitClaim["state"]) => {
		const found = claims.filter(claim => claim.state === state);
		return found[pick % Math.max(1, found.length)];
	};
	const item = order.items[pick % order.items.length];
	if (!item) return order;
	switch (act) {
		case "case":
		case "staff": {
			const free = countFree(order, item);
			const quantity = Math.min(units, free.sent + free.unsent);
			if (quantity === 0) return order;
			const claim = createClaim(`c${n}`, act, chooseUnits(order, [{ skuId: item.skuId, quantity }]));
			return put(act === "case" ? claim : startRefund(claim, { amount: claim.amount, shipping: 0 }));
		}
		case "parcel": {
			const left = listUnitsToSend(order).find(({ skuId }) => skuId === item.skuId)?.quantity ?? 0;
			const quantity = Math.min(units, left);
			return quantity === 0
				? order
				: { ...order, items: packParcel(order, [{ skuId: item.skuId, quantity }]).items };
		}
		case "request": {
			const claim = oneIn("claimed");
			if (!claim) return order;
			const { shipping, maximum } = computeMaximum(order, claim.lines);
			return put(startRefund(claim, { amount: maximum, shipping }));
		}
		case "succeed": {
			const claim = oneIn("refunding");
			if (!claim) return order;
			return {
				...put({ ...claim, state: "refunded" }),
				refundedTotal: order.refundedTotal + claim.amount
			};
		}
		case "fail": {
			const claim = oneIn("refunding");
			return claim ? put(failRefund(claim)) : order;
		}
		case "reject": {
			const claim = oneIn("claimed");
			return claim ? put({ ...claim, state: "released" }) : order;
		}
	}
}

function expectSound(order: Order): void {
	const held = (order.unitClaims ?? []).filter(({ state }) => state !== "released");
	const units = held.flatMap(claim => claim.units);
	expect(new Set(units).size).toBe(units.length);
	for (const item of order.items) {
		const lines = held.flatMap(claim => claim.lines.filter(({ skuId }) => skuId === item.skuId));
		const { heldQuantity = 0, cancelledQuantity = 0, quantity } = item;
		const shipped = countShipped(order, item);
		expect(shipped + heldQuantity + cancelledQuantity).toBeLessThanOrEqual(quantity);
		expect(sum(lines.map(line => line.quantity))).toBeLessThanOrEqual(quantity);
		expect(sum(lines.map(line => line.quantity - line.unsent))).toBeLessThanOrEqual(shipped);
		expect(sum(lines.map(line => line.unsent))).toBe(heldQuantity + cancelledQuantity);
		const free = countFree(order, item);
		expect(Math.min(free.sent, free.unsent)).toBeGreaterThanOrEqual(0);
		expect(free.sent + free.unsent).toBe(quantity - sum(lines.map(line => line.quantity)));
	}
	const refunded = held.filter(({ state }) => state === "refunded");
	expect(sum(refunded.map(({ amount }) => amount))).toBe(order.refundedTotal);
	expect(order.refundedTotal).toBeLessThanOrEqual(order.total);
	for (const claim of refunded) {
		const { lines, shipping } = splitRefund(claim);
		expect(sum(lines.map(({ amount }) => amount)) + shipping).toBe(claim.amount);
	}
}

it("gives each unit and each fen back once, whatever cases, refunds by staff and parcels come in whatever order", () => {
	fc.assert(
		fc.property(bought, fc.nat(500), fc.array(step, { maxLength: 40 }), (lines, fee, steps) => {
			let order = buy(
				lines.map(([quantity, amount], n) => anItem(`s${n}`, quantity, amount)),
				fee
			);
			for (const [n, next] of steps.entries()) {
				order = take(order, next, n);
				expectSound(order);
			}
			// In the end every unit is asked back, and every refund succeeds.
			order.items.forEach(({ quantity }, pick) => {
				for (let n = 0; n < quantity; n++)
					order = take(order, { act: "case", pick, units: 1 }, 1000 + pick * 10 + n);
			});
			for (let n = 0; n < 100; n++)
				for (const act of ["request", "succeed"] as const)
					order = take(order, { act, pick: 0, units: 1 }, 0);
			expectSound(order);
			expect(order.items.map(item => countRefunded(order, item))).toEqual(
				lines.map(([quantity]) => quantity)
			);
			expect(listKeptLines(order)).toEqual([]);
			const goods = sum(lines.map(([, amount]) => amount));
			const isUnsent = order.items.every(item => countShipped(order, item) === 0);
			expect([goods, goods + fee]).toContain(order.refundedTotal);
			// The fee that came back with the last units stays back where another refund fails then, and its unit is sent after all.
			const hadFailures = steps.some(({ act }) => act === "fail");
			if (!isUnsent && !hadFailures) expect(order.refundedTotal).toBe(goods);
			expect(isCancelledWhole(order)).toBe(isUnsent);
		}),
		{ numRuns: 2000 }
	);
});
