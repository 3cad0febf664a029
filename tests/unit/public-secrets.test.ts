import { isPublicSecret } from "../../infrastructure/production-guard";
import { findPublicSecrets } from "../../scripts/public-secrets";

it("knows every secret in the repository; `npm run public-secrets` lists new ones", () => {
	const found = findPublicSecrets();

	expect(found.length).toBeGreaterThan(30);
	expect(found.filter(secret => !isPublicSecret(secret))).toEqual([]);
});
