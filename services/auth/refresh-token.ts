import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { macOfRefreshToken } from "./derived-keys";

/** `<session>.<256 random bits>.<mac>`: the mac tells a token of ours that was spent from one that was made up. */
export function newRefreshToken(sessionId: string): string {
	const bare = `${sessionId}.${randomBytes(32).toString("base64url")}`;
	return `${bare}.${macOfRefreshToken(bare)}`;
}

/** What is stored of a token. */
export const hashRefreshToken = (token: string): string =>
	createHash("sha256").update(token).digest("base64url");

/** The session that a refresh token is, or was, of; null for one that we never made. */
export function parseSessionId(token: string): string | null {
	const [, bare = "", sessionId = "", mac = ""] = /^((\w{26})\.[\w-]{43})\.([\w-]{43})$/.exec(token) ?? [];
	return bare && timingSafeEqual(Buffer.from(macOfRefreshToken(bare)), Buffer.from(mac)) ? sessionId : null;
}
