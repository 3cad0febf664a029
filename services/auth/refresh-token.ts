import { createHash, randomBytes } from "node:crypto";
import { refreshTokenMac } from "./derived-keys";

/** `<session id>.<256 random bits>.<MAC>`. The MAC tells a spent token of the shop from a forged one. */
export function newRefreshToken(sessionId: string): string {
	const unsigned = `${sessionId}.${randomBytes(32).toString("base64url")}`;
	return `${unsigned}.${refreshTokenMac.sign(unsigned)}`;
}

/** The hash that is stored in place of the token. */
export const hashRefreshToken = (token: string): string =>
	createHash("sha256").update(token).digest("base64url");

/** The session of a refresh token, valid or spent; null for a token that the shop never made. */
export function parseSessionId(token: string): string | null {
	const [, unsigned = "", sessionId = "", mac = ""] =
		/^((\w{26})\.[\w-]{43})\.([\w-]{43})$/.exec(token) ?? [];
	return unsigned && refreshTokenMac.isValid(unsigned, mac) ? sessionId : null;
}
