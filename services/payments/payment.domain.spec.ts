import fc from "fast-check";
import { channelDeadline, nextAsk, nextLook } from "./payment.domain";

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 31) + seconds * 1000);

describe("the next question about a payment", () => {
	it("comes ever more seldom", () => {
		const waits = Array.from({ length: 10 }, (_, n) => nextAsk(at(0), n).getTime() - at(0).getTime());

		expect(waits).toEqual(waits.toSorted((a, b) => a - b));
		expect([waits[0], waits.at(-1)]).toEqual([5_000, 1_800_000]);
	});

	it("comes while the order still waits, once no more money can come", () => {
		fc.assert(
			fc.property(fc.integer({ min: 60, max: 100_000 }), fc.nat({ max: 20 }), (left, asked) => {
				const orderEnds = at(left);
				const expiresAt = channelDeadline(orderEnds, at(0));
				const justBefore = new Date(expiresAt.getTime() - 1);

				const next = nextLook({ expiresAt }, justBefore, asked);

				expect(next > expiresAt && next < orderEnds).toBe(true);
			})
		);
	});

	it("comes again when it is over, and after that by the plan", () => {
		const expiresAt = at(0);

		expect(nextLook({ expiresAt }, at(2), 20)).toEqual(at(61));
		expect(nextLook({ expiresAt }, at(62), 20)).toEqual(at(62 + 1800));
	});
});
