import fc from "fast-check";
import { isOrderNumber, makeOrderNumber, RANDOM_BELOW } from "./order-number.domain";

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
