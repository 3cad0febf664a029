import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { backends } from "../mixins/backends";

const EVERY_MS = 5_000;

/**
 * For whoever watches over a process without a gateway to ask: `alive` in the data folder is a few seconds old as long as
 * the process runs and reaches the servers that it needs.
 */
export function keepSayingAlive(dataDir: string): void {
	const say = async () => {
		if ((await backends.down()).length) return;
		mkdirSync(dataDir, { recursive: true });
		writeFileSync(join(dataDir, "alive"), new Date().toISOString());
	};
	const again = () => {
		setTimeout(
			() =>
				void say()
					.catch(() => undefined)
					.finally(again),
			EVERY_MS
		).unref();
	};
	void say()
		.catch(() => undefined)
		.finally(again);
}
