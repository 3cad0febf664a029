import { beijingDay, beijingDayBounds } from "./beijing-day";

describe("a day in Beijing", () => {
	it("begins and ends at 16:00 UTC", () => {
		expect(beijingDay(new Date("2026-01-31T15:59:59.999Z"))).toBe("2026-01-31");
		expect(beijingDay(new Date("2026-01-31T16:00:00Z"))).toBe("2026-02-01");
		expect(beijingDayBounds("2026-02-01")).toEqual({
			from: new Date("2026-01-31T16:00:00Z"),
			to: new Date("2026-02-01T16:00:00Z")
		});
	});
});
