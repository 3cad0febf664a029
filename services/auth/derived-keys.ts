import { createHmac, timingSafeEqual } from "node:crypto";
import { ACCEPTED_SECRETS, createSealer, deriveKey } from "../../mixins/platform";

/** HMACs for one use: made under the current secret, valid under every accepted one. */
function createMac(use: string) {
	const keys = ACCEPTED_SECRETS.map(secret => deriveKey(secret, use));
	const signAll = (text: string) =>
		keys.map(key => createHmac("sha256", key).update(text).digest("base64url"));
	return {
		sign: (text: string): string => signAll(text)[0] ?? "",
		/** The MACs of the text that are valid. */
		signAll,
		isValid: (text: string, mac: string): boolean =>
			signAll(text).some(
				valid => valid.length === mac.length && timingSafeEqual(Buffer.from(valid), Buffer.from(mac))
			)
	};
}

export const codeMac = createMac("one-time codes");
export const refreshTokenMac = createMac("refresh tokens");
const deviceMac = createMac("devices");
export const signDevice = deviceMac.sign;
export const isDeviceMac = deviceMac.isValid;
/** Names a password in the counts of failed log-ins, so that the password itself is stored nowhere. */
export const signPassword = createMac("failed passwords").sign;

/** Encrypts the secrets of second factors for the store. */
export const { seal: sealText, open: openText } = createSealer("second factors");
