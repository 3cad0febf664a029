import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { backends } from "./backends";
import { createFolder } from "./sqlite-file";

const EVERY_MS = 5_000;

/**
 * For whoever watches over a process without a gateway to ask: `alive` in the data folder is a few seconds old as long as
 * the process runs and reaches the servers that it needs.
 */
export function startLivenessFile(dataDir: string): void {
	const say = async () => {
		if ((await backends.findUnavailable()).length) return;
		createFolder(resolve(dataDir));
		writeFileSync(join(dataDir, "alive"), new Date().toISOString());
	};
	const keepSaying = async () => {
		await say().catch(() => undefined); // unsaid, the file grows old, which is what is asked
		setTimeout(() => void keepSaying(), EVERY_MS).unref();
	};
	void keepSaying();
}
