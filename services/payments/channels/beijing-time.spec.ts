import fc from "fast-check";
import { beijingRfc3339, beijingTime, dateFromBeijing, dateFromRfc3339 } from "./beijing-time";

const seconds = fc.integer({ min: 0, max: 4_000_000_000 });

describe("Beijing time", () => {
	it("is UTC+8 whatever the process's time zone", () => {
		const at = new Date("2026-01-31T17:00:00.999Z");

		expect(beijingTime(at)).toBe("2026-02-01 01:00:00");
		expect(beijingRfc3339(at)).toBe("2026-02-01T01:00:00+08:00");
	});

	it("is read back as the same second", () => {
		fc.assert(
			fc.property(seconds, s => {
				const at = new Date(s * 1000);

				expect(dateFromBeijing(beijingTime(at))).toEqual(at);
				expect(dateFromRfc3339(beijingRfc3339(at))).toEqual(at);
			})
		);
	});

	it.each(["", "2026-13-01 00:00:00", "2026-01-31T08:00:00", "2026-01-31 08:00", "31/01/2026 08:00:00"])(
		"does not read %j",
		text => {
			expect(dateFromBeijing(text)).toBeUndefined();
			expect(dateFromRfc3339(text)).toBeUndefined();
		}
	);
});
