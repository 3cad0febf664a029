import { createHash } from "node:crypto";

/** Derives a channel's own numbers from ours. They are the same after a restart, so a repeated notification is the same event. */
export const deriveDigits = (seed: string, length: number): string =>
	BigInt(`0x${deriveHex(seed)}`)
		.toString()
		.padStart(length, "0")
		.slice(-length);

export const deriveHex = (seed: string): string => createHash("sha256").update(seed).digest("hex");
