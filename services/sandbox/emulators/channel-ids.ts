import { createHash } from "node:crypto";

/** Numbers a channel gives out, made from ours: the same after a restart, so a notification sent anew is the same event. */
export const digitsFrom = (seed: string, length: number): string =>
	BigInt(`0x${hexFrom(seed)}`)
		.toString()
		.padStart(length, "0")
		.slice(-length);

export const hexFrom = (seed: string): string => createHash("sha256").update(seed).digest("hex");
