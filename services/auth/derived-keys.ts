import { createHmac, hkdfSync } from "node:crypto";
import { settings } from "../../settings";

const deriveKey = (use: string): Buffer =>
	Buffer.from(hkdfSync("sha256", settings.jwtSecret, "zjmall", use, 32));

/** An HMAC under a key of its own, derived from the one secret (HKDF): a MAC made for one use is invalid for any other. */
const createMac = (use: string) => {
	const key = deriveKey(use);
	return (text: string): string => createHmac("sha256", key).update(text).digest("base64url");
};
export const signCode = createMac("one-time codes");
export const signRefreshToken = createMac("refresh tokens");
