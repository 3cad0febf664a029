import fc from "fast-check";
import {
	applyAttempt,
	MAX_SMS_PER_DAY,
	MAX_WRONG_CODES,
	newCode,
	applySmsQuota,
	computeSecondsUntilNextSms,
	type SmsQuota
} from "./one-time-code.domain";

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const aCode = () => newCode("right", NOW);

describe("a one-time code", () => {
	it("is used by the first attempt with the right digits", () => {
		const first = applyAttempt(aCode(), ["right"], "a", NOW);
		const second = applyAttempt(first, ["right"], "b", NOW);

		expect([first?.usedBy, second?.usedBy]).toEqual(["a", "a"]);
	});

	it("is valid under each secret of a rotation", () => {
		expect(applyAttempt(aCode(), ["new", "right"], "a", NOW)?.usedBy).toBe("a");
	});

	it("is over after five minutes", () => {
		expect(applyAttempt(aCode(), ["right"], "a", NOW + 5 * MINUTE - 1)?.usedBy).toBe("a");
		expect(applyAttempt(aCode(), ["right"], "a", NOW + 5 * MINUTE)).toBeNull();
	});

	it("is over when a clock set back would make it last for an hour", () => {
		expect(applyAttempt(aCode(), ["right"], "a", NOW - 60 * MINUTE)).toBeNull();
	});

	it("allows five guesses, in whatever mix they come", () => {
		fc.assert(
			fc.property(fc.array(fc.constantFrom("right", "wrong"), { maxLength: 12 }), macs => {
				let code = applyAttempt(aCode(), ["wrong"], "first", NOW);
				macs.forEach((mac, i) => (code = applyAttempt(code, [mac], String(i), NOW)));

				const winner = macs.indexOf("right");
				const inTime = winner >= 0 && winner < MAX_WRONG_CODES - 1;
				expect(code?.usedBy).toBe(inTime ? String(winner) : null);
				expect(code?.wrong).toBeLessThanOrEqual(MAX_WRONG_CODES);
			})
		);
	});

	it("does not exist where none was sent", () => {
		expect(applyAttempt(null, ["right"], "a", NOW)).toBeNull();
	});
});

describe("messages to a phone", () => {
	const send = (before: SmsQuota | null, id: string, now: number) => applySmsQuota(before, id, now);

	it("go out a minute apart", () => {
		const first = send(null, "a", NOW);
		const early = send(first, "b", NOW + MINUTE - 1);
		const later = send(early, "c", NOW + MINUTE);

		expect([first.last, early.last, later.last]).toEqual(["a", "a", "c"]);
		expect(computeSecondsUntilNextSms(early, NOW + 20_000)).toBe(40);
	});

	it("go out again when the clock was set back since the last one", () => {
		const ahead = send(null, "a", NOW + 60 * MINUTE);

		expect(send(ahead, "b", NOW).last).toBe("b");
	});

	it("are at most ten in any day, whenever they are asked for", () => {
		fc.assert(
			fc.property(fc.array(fc.integer({ min: 1, max: 4 * 60 * MINUTE }), { maxLength: 80 }), pauses => {
				let quota: SmsQuota | null = null;
				let now = NOW;
				const sent: number[] = [];
				pauses.forEach((pause, i) => {
					now += pause;
					quota = send(quota, String(i), now);
					if (quota.last === String(i)) sent.push(now);
				});

				for (const at of sent) {
					const within = sent.filter(other => other >= at && other < at + DAY);
					expect(within.length).toBeLessThanOrEqual(MAX_SMS_PER_DAY);
				}
			})
		);
	});

	it("say after how long the day's next one may go", () => {
		let quota = send(null, "0", NOW);
		for (let i = 1; i < MAX_SMS_PER_DAY; i++) quota = send(quota, String(i), NOW + i * MINUTE);

		const refused = send(quota, "one more", NOW + 60 * MINUTE);

		expect(refused.last).toBe(String(MAX_SMS_PER_DAY - 1));
		expect(computeSecondsUntilNextSms(refused, NOW + 60 * MINUTE)).toBe((DAY - 60 * MINUTE) / 1000);
	});
});
