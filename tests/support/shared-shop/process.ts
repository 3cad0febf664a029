import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { startShop } from "../shop";
import { faultsFile } from "./shops";

const [file = "", jestPidFile = ""] = process.argv.slice(2);

/** Serves a shop until it is told to stop, or until jest is gone without telling it. */
async function main(): Promise<void> {
	const jestPid = Number(readFileSync(jestPidFile, "utf8"));
	const shop = await startShop();
	process.removeAllListeners("SIGTERM"); // the shop's own would end the process before the faults are written
	process.once("SIGTERM", () => {
		void shop
			.stop()
			.then(() => "", String)
			.then(faults => {
				writeFileSync(faultsFile(file), faults);
				process.exit(0);
			});
	});
	setInterval(() => {
		try {
			process.kill(jestPid, 0);
		} catch {
			process.kill(process.pid, "SIGTERM");
		}
	}, 1000);
	// Renamed into place, so that nobody reads half of it.
	writeFileSync(`${file}.unfinished`, JSON.stringify({ pid: process.pid, url: shop.url }));
	renameSync(`${file}.unfinished`, file);
}

void main();
