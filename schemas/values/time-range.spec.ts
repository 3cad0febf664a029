import { withinTimeRange } from "./time-range";

const [earlier, later] = ["2026-05-01T08:00:00.000Z", "2026-05-01T09:00:00.000Z"];

it("holds its beginning and not its end, so that neighbouring ranges share nothing", () => {
	expect(withinTimeRange({ from: earlier, to: later })).toEqual({
		$gte: new Date(earlier),
		$lt: new Date(later)
	});
});

it("may be open at either end", () => {
	expect(withinTimeRange({ from: earlier })).toEqual({ $gte: new Date(earlier) });
	expect(withinTimeRange({ to: later })).toEqual({ $lt: new Date(later) });
	expect(withinTimeRange({})).toBeUndefined();
});
