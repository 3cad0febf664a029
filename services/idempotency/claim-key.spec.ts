import fc from "fast-check";
import { hashClaimKey } from "./claim-key";

it("keeps the keys of users and routes apart, however their texts run into each other", () => {
	const scope = fc.record({ userId: fc.string(), route: fc.string(), key: fc.string() });

	fc.assert(
		fc.property(scope, scope, (a, b) => {
			const same = a.userId === b.userId && a.route === b.route && a.key === b.key;
			expect(hashClaimKey(a) === hashClaimKey(b)).toBe(same);
		})
	);
	expect(hashClaimKey({ userId: "u:1", route: "r", key: "k" })).not.toBe(
		hashClaimKey({ userId: "u", route: "1:r", key: "k" })
	);
});
