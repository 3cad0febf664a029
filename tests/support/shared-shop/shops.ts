import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../until";

/** The environment variable that names the folder where the shared shops of this run have their addresses and data. */
export const SHARED_SHOPS = "SHARED_SHOPS";
export type Address = { readonly pid: number; readonly url: string };
/** Where a shop leaves what was wrong with it when it stops: nothing, if all was well. */
export const faultsFile = (addressFile: string): string => addressFile.replace(/json$/, "faults");

export function prepareSharedShops(): void {
	const folder = mkdtempSync(join(tmpdir(), "zjmall-shared-"));
	process.env[SHARED_SHOPS] = folder;
	writeFileSync(join(folder, "jest.pid"), String(process.pid));
}

/** Stops those that were started. Rejects when a query of theirs, also of a sweep in the background, had no index. */
export async function stopSharedShops(): Promise<void> {
	const folder = process.env[SHARED_SHOPS] ?? "";
	const files = readdirSync(folder).filter(name => name.endsWith(".json"));
	const faults = await Promise.all(files.map(name => stop(join(folder, name))));
	rmSync(folder, { recursive: true, force: true });
	const found = faults.filter(text => text !== "");
	if (found.length > 0) throw new Error(found.join("\n"));
}

async function stop(addressFile: string): Promise<string> {
	const { pid } = JSON.parse(readFileSync(addressFile, "utf8")) as Address;
	const file = faultsFile(addressFile);
	try {
		process.kill(pid, "SIGTERM");
		await until("a shared shop to stop", () => existsSync(file));
		return readFileSync(file, "utf8");
	} catch (err) {
		return `${addressFile}: ${String(err)}\n${readFileSync(addressFile.replace(/json$/, "log"), "utf8")}`;
	}
}
