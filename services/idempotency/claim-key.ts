import { createHash } from "node:crypto";

type Scope = { readonly userId: string; readonly route: string; readonly key: string };

/** One text for what a key is unique in: the same user's same call. */
export const hashClaimKey = ({ userId, route, key }: Scope): string =>
	createHash("sha256")
		.update(JSON.stringify([userId, route, key]))
		.digest("base64url");
