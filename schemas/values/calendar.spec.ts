import fc from "fast-check";
import { isDay } from "./calendar";
import * as r from "../kit/rules";
import { newValidator } from "../kit/validator";

const validator = newValidator();
const takesDay = validator.compile({ $$root: true, ...r.day() });
const takesTime = validator.compile({ $$root: true, ...r.time() });

it.each(["2026-02-30", "2026-13-01", "2026-00-10", "0000-00-00", "2027-02-29", "1900-02-29", "2026-04-31"])(
	"has no %s",
	text => {
		expect(isDay(text)).toBe(false);
		expect(takesDay(text)).not.toBe(true);
		expect(takesTime(`${text}T00:00:00Z`)).not.toBe(true);
	}
);

it.each(["2024-02-29", "2000-02-29", "2026-12-31"])("has %s", text => {
	expect(isDay(text)).toBe(true);
	expect(takesDay(text)).toBe(true);
	expect(takesTime(`${text}T23:59:59.999+08:00`)).toBe(true);
});

it("has the days that the clock comes to, and no others", () => {
	const year = fc.integer({ min: 1000, max: 2999 });
	const twoDigits = (max: number) =>
		fc.integer({ min: 0, max }).map(number => String(number).padStart(2, "0"));
	fc.assert(
		fc.property(year, twoDigits(13), twoDigits(32), (y, m, d) => {
			const text = `${y}-${m}-${d}`;
			const at = new Date(`${text}T00:00:00Z`);
			const real = !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);

			expect(isDay(text)).toBe(real);
		}),
		{ numRuns: 2000 }
	);
	for (let y = 1000; y < 3000; y++)
		expect(isDay(`${y}-02-29`)).toBe(new Date(Date.UTC(y, 1, 29)).getUTCDate() === 29);
});
