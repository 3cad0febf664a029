import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type * as BackendsModule from "../mixins/backends";
import type { Doc } from "../mixins/store/adapter";
import type * as SettingsModule from "../settings";
import type * as BannerModule from "./banner";
import type * as CollectionsModule from "./collections";
import { INVARIANTS } from "./invariants";

async function main(): Promise<void> {
	const { values } = parseArgs({ options: { data: { type: "string" } } });
	if (values.data !== undefined) process.env["DATA_DIR"] = resolve(values.data);
	// Required here: the settings are read with the modules.
	const { settings } = require("../settings") as typeof SettingsModule;
	const { serviceFiles } = require("./banner") as typeof BannerModule;
	const { collectionsOf } = require("./collections") as typeof CollectionsModule;
	const { backends } = require("../mixins/backends") as typeof BackendsModule;
	if (backends.mode === "embedded" && !existsSync(join(settings.dataDir, "zjmall.db")))
		throw new Error(`There is no shop in ${settings.dataDir}`);
	const quiet = { info() {}, warn() {}, error() {}, debug() {} };
	const books = {
		collection: <T extends Doc>(name: string) => backends.collection<T>(name),
		facts: backends.facts(quiet),
		// Each has an outbox.
		collections: collectionsOf(serviceFiles(join(__dirname, "../services"), settings).values()).map(
			({ name }) => name
		),
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
