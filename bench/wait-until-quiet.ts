import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";

const QUIET_MS = 300;
const WITHIN_MS = 30_000;

/** Waits until no process has written to the data folder's file for a moment: the facts of all requests are then handled. */
export async function waitUntilQuiet(dataDir: string): Promise<void> {
	const db = new DatabaseSync(join(dataDir, "zjmall.db"), { readOnly: true });
	const version = db.prepare("PRAGMA data_version");
	const read = () => Number(version.get()?.["data_version"]);
	try {
		const deadline = performance.now() + WITHIN_MS;
		let seen = read();
		let since = performance.now();
		while (performance.now() - since < QUIET_MS) {
			if (performance.now() > deadline) throw new Error("The shop goes on writing");
			await pause(20);
			const now = read();
			if (now === seen) continue;
			seen = now;
			since = performance.now();
		}
	} finally {
		db.close();
	}
}
