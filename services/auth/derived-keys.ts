import { createHmac, hkdfSync } from "node:crypto";
import { settings } from "../../settings";

const keyFor = (use: string): Buffer =>
	Buffer.from(hkdfSync("sha256", settings.jwtSecret, "zjmall", use, 32));

/** One secret is set; every use of it has a key of its own, so that nothing made for one passes for another. */
const mac = (use: string) => {
	const key = keyFor(use);
	return (text: string): string => createHmac("sha256", key).update(text).digest("base64url");
};
export const macOfCode = mac("one-time codes");
export const macOfRefreshToken = mac("refresh tokens");
