import fc from "fast-check";
import { formatBeijingRfc3339, formatBeijingTime, parseBeijingTime, parseRfc3339 } from "./beijing-time";

const seconds = fc.integer({ min: 0, max: 4_000_000_000 });

describe("Beijing time", () => {
	it("is UTC+8 whatever the process's time zone", () => {
		const at = new Date("2026-01-31T17:00:00.999Z");

		expect(formatBeijingTime(at)).toBe("2026-02-01 01:00:00");
		expect(formatBeijingRfc3339(at)).toBe("2026-02-01T01:00:00+08:00");
	});

	it("is read back as the same second", () => {
		fc.assert(
			fc.property(seconds, s => {
				const at = new Date(s * 1000);

				expect(parseBeijingTime(formatBeijingTime(at))).toEqual(at);
				expect(parseRfc3339(formatBeijingRfc3339(at))).toEqual(at);
			})
		);
	});

	it.each(["", "2026-13-01 00:00:00", "2026-01-31T08:00:00", "2026-01-31 08:00", "31/01/2026 08:00:00"])(
		"does not read %j",
		text => {
			expect(parseBeijingTime(text)).toBeUndefined();
			expect(parseRfc3339(text)).toBeUndefined();
		}
	);
});
