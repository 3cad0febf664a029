import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type * as BackendsModule from "../mixins/backends";
import type { Doc } from "../mixins/store/adapter";
import type * as SettingsModule from "../settings";
import type * as BannerModule from "./banner";
import { INVARIANTS } from "./invariants";

/** Every collection of every service has an outbox; a service says in its metadata which it has. */
function collectionsOf(files: Iterable<string>): string[] {
	type Part = { metadata?: { collections?: string[] }; mixins?: Part[] };
	const within = (part: Part): string[] => [
		...(part.metadata?.collections ?? []),
		...(part.mixins ?? []).flatMap(within)
	];
	return [...files].flatMap(file => within((require(file) as { default: Part }).default));
}

async function main(): Promise<void> {
	const { values } = parseArgs({ options: { data: { type: "string" } } });
	if (values.data !== undefined) process.env["DATA_DIR"] = resolve(values.data);
	// Required here: the settings are read with the modules.
	const { settings } = require("../settings") as typeof SettingsModule;
	const { serviceFiles } = require("./banner") as typeof BannerModule;
	const { backends } = require("../mixins/backends") as typeof BackendsModule;
	if (backends.mode === "embedded" && !existsSync(join(settings.dataDir, "zjmall.db")))
		throw new Error(`There is no shop in ${settings.dataDir}`);
	const quiet = { info() {}, warn() {}, error() {}, debug() {} };
	const books = {
		collection: <T extends Doc>(name: string) => backends.collection<T>(name),
		facts: backends.facts(quiet),
		collections: collectionsOf(serviceFiles(join(__dirname, "../services"), settings).values()),
		now: new Date()
	};
	for (const { name, says, violations } of INVARIANTS) {
		const found = await violations(books);
		process.stdout.write(`${name} ${found.length ? "BROKEN" : "holds "} ${says}\n`);
		for (const violation of found) process.stdout.write(`     ${violation}\n`);
		if (found.length) process.exitCode = 1;
	}
	await backends.close();
}

main().catch((err: unknown) => {
	process.stderr.write(`${err instanceof Error ? err.message : String(err)}\n`);
	process.exitCode = 2;
});
