import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { backends } from "./backends";
import { createFolder } from "./sqlite-file";

const WRITE_EVERY_MS = 5_000;

/**
 * Rewrites the file `alive` in the data folder every few seconds while the process runs and reaches its backends: the health
 * check of containers without a gateway looks at the file's age.
 */
export function startLivenessFile(dataDir: string): void {
	const write = async () => {
		if ((await backends.findUnavailable()).length) return;
		createFolder(resolve(dataDir));
		writeFileSync(join(dataDir, "alive"), new Date().toISOString());
	};
	const keepWriting = async () => {
		await write().catch(() => undefined); // the file grows old, and the health check fails
		setTimeout(() => void keepWriting(), WRITE_EVERY_MS).unref();
	};
	void keepWriting();
}
