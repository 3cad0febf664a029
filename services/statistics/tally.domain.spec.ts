import fc from "fast-check";
import { addRefundMark, listDays, rankProducts, sumFigures, sumLines, type RefundMark } from "./tally.domain";

const day = fc.constantFrom("2026-01-01", "2026-01-02", "2026-01-03");

it("gives each day what was sent back on it, in whatever order and however often the marks come", () => {
	fc.assert(
		fc.property(
			fc
				.uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1 })
				.chain(steps => fc.tuple(fc.constant(steps), fc.array(day, { minLength: 9, maxLength: 9 })))
				.map(([steps, days]) =>
					steps
						.toSorted((a, b) => a - b)
						.map((refunded, i) => ({ refunded, day: days.toSorted()[i] ?? "" }))
				)
				.chain(marks =>
					fc.tuple(
						fc.constant(marks),
						fc.shuffledSubarray([...marks, ...marks], { minLength: 2 * marks.length })
					)
				),
			([marks, arriving]) => {
				const known: RefundMark[] = [];
				const sums = new Map<string, number>();
				for (const mark of arriving) {
					for (const { day: on, refunds } of addRefundMark(known, mark))
						sums.set(on, (sums.get(on) ?? 0) + refunds);
					if (!known.some(({ refunded }) => refunded === mark.refunded)) known.push(mark);
				}

				const expected = new Map<string, number>();
				marks.forEach(({ refunded, day: on }, i) => {
					const added = refunded - (marks[i - 1]?.refunded ?? 0);
					expected.set(on, (expected.get(on) ?? 0) + added);
				});
				for (const on of new Set([...sums.keys(), ...expected.keys()]))
					expect([on, sums.get(on) ?? 0]).toEqual([on, expected.get(on) ?? 0]);
			}
		)
	);
});

it("sums figures and lines, and ranks products by revenue, then units, then id", () => {
	const sold = [
		{ productId: "b", units: 1, revenue: 5 },
		{ productId: "a", units: 1, revenue: 2 },
		{ productId: "a", units: 1, revenue: 3 },
		{ productId: "c", units: 1, revenue: 5 }
	];

	expect(rankProducts(sumLines(sold), 2)).toEqual([
		{ productId: "a", units: 2, revenue: 5 },
		{ productId: "b", units: 1, revenue: 5 }
	]);
	expect(sumFigures([{ orders: 1 }, { orders: 1, revenue: 7 }])).toMatchObject({ orders: 2, revenue: 7 });
});

it("lists days as they are in Beijing, also just after its midnight", () => {
	expect(listDays(new Date("2026-03-01T15:59:59.999Z"), 2)).toEqual(["2026-02-28", "2026-03-01"]);
	expect(listDays(new Date("2026-03-01T16:00:00.000Z"), 2)).toEqual(["2026-03-01", "2026-03-02"]);
});
