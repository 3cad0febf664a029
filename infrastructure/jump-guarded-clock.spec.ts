import { JumpGuardedClock } from "./jump-guarded-clock";

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 1);

const aClock = () => {
	const time = { set: 0, passed: 0 };
	const clock = new JumpGuardedClock(
		() => START + time.passed + time.set,
		() => time.passed
	);
	return { time, shown: () => clock.now().getTime() - START, clock };
};

it("does not follow a jump ahead that is taken back within ten minutes", () => {
	const { time, shown } = aClock();

	time.set = 60 * MINUTE;
	const jumped = shown();
	time.passed = 9 * MINUTE;
	const later = shown();
	time.set = 0;

	expect([jumped, later, shown()]).toEqual([0, 9 * MINUTE, 9 * MINUTE]);
});

it("follows a jump that lasts, and reports each jump once", () => {
	const { time, shown, clock } = aClock();

	time.set = 60 * MINUTE;
	const ahead = [shown(), clock.takeReportedJumpMs(), clock.takeReportedJumpMs()];
	time.passed = 10 * MINUTE;
	const believed = [shown(), clock.takeReportedJumpMs()];
	time.set = 120 * MINUTE;
	const again = [shown(), clock.takeReportedJumpMs()];

	expect(ahead).toEqual([0, 60 * MINUTE, 0]);
	expect(believed).toEqual([70 * MINUTE, 0]);
	expect(again).toEqual([70 * MINUTE, 60 * MINUTE]);
});

it("follows small corrections and jumps back at once", () => {
	const { time, shown } = aClock();

	time.set = MINUTE;
	const corrected = shown();
	time.set = -60 * MINUTE;

	expect([corrected, shown()]).toEqual([MINUTE, -60 * MINUTE]);
});
