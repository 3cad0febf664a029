import { resolve } from "node:path";
import { parseArgs } from "node:util";
import type * as BackendsModule from "../infrastructure/backends";
import type { Doc } from "../infrastructure/documents/collection";
import type * as SettingsModule from "../settings";
import type * as ServiceFilesModule from "../infrastructure/service-files";
import { INVARIANTS } from "./invariants";
import type { InvariantsContext } from "./invariants.context";
import { readStockFigures, type StockFigures } from "./stock.invariants";

/** The output of `--json`. */
export type Report = {
	/** How long reading the shop took. */
	readonly ms: number;
	readonly invariants: readonly {
		readonly name: string;
		readonly says: string;
		readonly count: number;
		/** At most MAX_LISTED of them. */
		readonly violations: readonly string[];
	}[];
	readonly stock: StockFigures;
};
const MAX_LISTED = 1000;

async function main(): Promise<void> {
	// The parent process exited: nobody will read the result.
	process.once("disconnect", () => process.exit(2));
	process.channel?.unref();
	const { values } = parseArgs({ options: { data: { type: "string" }, json: { type: "boolean" } } });
	if (values.data !== undefined) process.env["DATA_DIR"] = resolve(values.data);
	// Required here, since the modules read the settings when they are loaded.
	const { settings } = require("../settings") as typeof SettingsModule;
	const { readCollectionDeclarations, findServiceFiles } =
		require("../infrastructure/service-files") as typeof ServiceFilesModule;
	const { backends } = require("../infrastructure/backends") as typeof BackendsModule;
	backends.assertShopExists();
	const quiet = { info() {}, warn() {}, error() {}, debug() {} };
	const context: InvariantsContext = {
		collection: <T extends Doc>(name: string) => backends.collection<T>(name),
		facts: backends.facts(quiet),
		outboxCollections: readCollectionDeclarations(findServiceFiles(settings).values()).map(
			({ name }) => name
		),
		now: new Date()
	};
	const startedAt = performance.now();
	const report: Report["invariants"][number][] = [];
	for (const { name, says, violations } of INVARIANTS) {
		const found = await violations(context);
		if (found.length) process.exitCode = 1;
		report.push({ name, says, count: found.length, violations: found.slice(0, MAX_LISTED) });
		if (values.json) continue;
		process.stdout.write(`${name} ${found.length ? "BROKEN" : "holds "} ${says}\n`);
		for (const violation of found) process.stdout.write(`     ${violation}\n`);
	}
	const stock = await readStockFigures(context);
	if (values.json) {
		const whole: Report = { ms: Math.round(performance.now() - startedAt), invariants: report, stock };
		process.stdout.write(`${JSON.stringify(whole)}\n`);
	} else
		process.stdout.write(
			`Units: ${stock.available} available, ${stock.reserved} reserved, ${stock.sold} sold; ` +
				`SKUs sold out only because of unpaid orders: ${stock.heldOut}\n`
		);
	await backends.close();
}

main().catch((err: unknown) => {
	process.stderr.write(`${err instanceof Error ? err.message : String(err)}\n`);
	process.exitCode = 2;
});
