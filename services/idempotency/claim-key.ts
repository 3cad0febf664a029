import { createHash } from "node:crypto";

type Scope = { readonly userId: string; readonly route: string; readonly key: string };

/** The id of a claim. A key is unique for one user and one route. */
export const hashClaimKey = ({ userId, route, key }: Scope): string =>
	createHash("sha256")
		.update(JSON.stringify([userId, route, key]))
		.digest("base64url");
