import fc from "fast-check";
import { getTimesOfNumbers, isOrderNumber, makeOrderNumber, RANDOM_BELOW } from "./order-number.domain";

const second = fc.integer({ min: Date.UTC(2024, 0, 1) / 1000, max: Date.UTC(2099, 0, 1) / 1000 });
const random = fc.integer({ min: 0, max: RANDOM_BELOW - 1 });

it("has digits only and sorts by time", () => {
	fc.assert(
		fc.property(second, second, random, random, (a, b, r, s) => {
			const first = makeOrderNumber(new Date(a * 1000), r);
			const other = makeOrderNumber(new Date(b * 1000), s);

			expect(first).toMatch(/^\d{22}$/);
			if (a !== b) expect(first < other).toBe(a < b);
		})
	);
});

it("shows a typing error in any one digit", () => {
	fc.assert(
		fc.property(
			second,
			random,
			fc.nat({ max: 21 }),
			fc.integer({ min: 1, max: 9 }),
			(s, r, place, slip) => {
				const number = makeOrderNumber(new Date(s * 1000), r);
				const wrong =
					number.slice(0, place) +
					String((Number(number[place]) + slip) % 10) +
					number.slice(place + 1);

				expect(isOrderNumber(number)).toBe(true);
				expect(isOrderNumber(wrong)).toBe(false);
			}
		)
	);
});

it("tells the times of the numbers that begin with some digits", () => {
	const times = (digits: string) => {
		const range = getTimesOfNumbers(digits);
		return range && [range.from.toISOString(), range.to.toISOString()];
	};

	expect(times("2602")).toEqual(["2026-02-01T00:00:00.000Z", "2026-03-01T00:00:00.000Z"]);
	expect(times("26113")).toEqual(["2026-11-30T00:00:00.000Z", "2026-12-01T00:00:00.000Z"]);
	expect(times("260501235959")).toEqual(["2026-05-01T23:59:59.000Z", "2026-05-02T00:00:00.000Z"]);
	expect([times("2613"), times("260230"), times("2605012"), times("26050124")]).toEqual([
		null,
		null,
		["2026-05-01T20:00:00.000Z", "2026-05-02T00:00:00.000Z"],
		null
	]);
});

it("has every time in the range of every beginning of its number", () => {
	const times = fc.date({ min: new Date("2000-01-01"), max: new Date("2099-12-31"), noInvalidDate: true });
	fc.assert(
		fc.property(times, fc.integer({ min: 1, max: 22 }), (at, length) => {
			const range = getTimesOfNumbers(makeOrderNumber(at, 5).slice(0, length));

			expect(range && range.from <= at && at < range.to).toBe(true);
		})
	);
});
