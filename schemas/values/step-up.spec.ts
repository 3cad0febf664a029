import { isSteppedUp, STEP_UP_MS } from "./step-up";

const now = new Date("2026-03-01T08:00:00.000Z");
const until = (ms: number) => ({ stepUpUntil: new Date(now.getTime() + ms).toISOString() });

it.each([
	["just proved", until(STEP_UP_MS), true],
	["a moment before its end", until(1), true],
	["at its end", until(0), false],
	["never proved", {}, false],
	["proved by a clock an hour ahead", until(3_600_000), false]
])("is fresh or not: %s", (_, caller, fresh) => {
	expect(isSteppedUp(caller, now)).toBe(fresh);
});
