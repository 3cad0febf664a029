import fc from "fast-check";
import { Webhook as Verifier } from "standardwebhooks";
import { isGoodSecret, makeSecret, signDelivery } from "./signature";
import { GIVE_UP_AFTER_MS, planRetry } from "./webhook.domain";

it("is verified by the official library, whatever the body, under each of its secrets", () => {
	fc.assert(
		fc.property(fc.string({ unit: "grapheme" }), fc.uuid(), (text, eventId) => {
			const secrets = [makeSecret(), makeSecret()];
			const body = JSON.stringify({ text });

			const headers = signDelivery({ eventId, body }, secrets, new Date());

			for (const secret of secrets)
				expect(new Verifier(secret).verify(body, { ...headers })).toEqual({ text });
			expect(() => new Verifier(makeSecret()).verify(body, { ...headers })).toThrow();
		}),
		{ numRuns: 25 }
	);
});

it("tries first again within 30 s, then less and less often for a day, and gives up", () => {
	fc.assert(
		fc.property(fc.double({ min: 0, max: 0.999, noNaN: true }), random => {
			const begin = new Date("2026-01-01T00:00:00Z");
			const giveUpAt = new Date(begin.getTime() + GIVE_UP_AFTER_MS);
			const attempts: number[] = [begin.getTime()];
			for (let next: Date | null = begin; next;) {
				next = planRetry(attempts.length, giveUpAt, next, random);
				if (next) attempts.push(next.getTime());
			}

			const pauses = attempts.slice(1).map((at, n) => at - (attempts[n] ?? 0));

			expect(pauses[0]).toBeLessThan(30_000);
			expect(attempts.at(-1)).toBe(giveUpAt.getTime());
			expect(attempts.length).toBeLessThan(16);
		})
	);
});

it("takes secrets of 24 to 64 bytes only", () => {
	const ofBytes = (n: number) => `whsec_${Buffer.alloc(n, 1).toString("base64")}`;

	expect([24, 32, 64].map(n => isGoodSecret(ofBytes(n)))).toEqual([true, true, true]);
	expect([23, 65].map(n => isGoodSecret(ofBytes(n)))).toEqual([false, false]);
	expect(isGoodSecret(makeSecret())).toBe(true);
});
