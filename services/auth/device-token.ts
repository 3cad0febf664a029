import { randomBytes } from "node:crypto";
import { isDeviceMac, signDevice } from "./derived-keys";

/**
 * Names a device from which a phone's owner has logged in: `<128 random bits>.<MAC>`. The MAC covers the phone, so the token
 * is worth nothing for any other account.
 */
export function newDeviceToken(phone: string): string {
	const deviceId = randomBytes(16).toString("base64url");
	return `${deviceId}.${signDevice(`${deviceId}:${phone}`)}`;
}

/** The device of a token that the shop made for this phone; null for any other text. */
export function findDeviceId(token: string | undefined, phone: string): string | null {
	const [, deviceId = "", mac = ""] = /^([\w-]{22})\.([\w-]{43})$/.exec(token ?? "") ?? [];
	return deviceId && isDeviceMac(`${deviceId}:${phone}`, mac) ? deviceId : null;
}
