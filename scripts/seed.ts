import { parseArgs } from "node:util";
import { ServiceBroker } from "moleculer";
import type * as ConfigModule from "../moleculer.config";
import type * as SettingsModule from "../settings";
import type * as ServiceFilesModule from "../infrastructure/service-files";
import type * as BackendsModule from "../infrastructure/backends";
import type * as LoadModule from "./demo/load-catalogue";
import { load, runCommand } from "./run-command";

/** Number of products from the arguments. */
function parseProductCount(): number {
	const { values } = parseArgs({ options: { products: { type: "string", default: "120" } } });
	const count = Number(values.products);
	if (!Number.isInteger(count) || count < 1 || count > 1_000_000)
		throw new Error(`--products must be a whole number from 1 to 1000000, not "${values.products}"`);
	return count;
}

/** Reports progress: at a terminal in one line that changes every second, otherwise in a line every 5 %. */
function createReporter(): (done: number, total: number) => void {
	const startedAt = performance.now();
	let last = 0;
	return (done, total) => {
		const elapsed = (performance.now() - startedAt) / 1000;
		const line = `${done}/${total} 件商品 products, ${elapsed.toFixed(0)} s, ${Math.round(done / elapsed)}/s`;
		const due = process.stdout.isTTY ? elapsed - last >= 1 : done / total - last >= 0.05;
		if (!due && done < total) return;
		last = process.stdout.isTTY ? elapsed : done / total;
		process.stdout.write(process.stdout.isTTY ? `\r${line}${done === total ? "\n" : ""}` : `${line}\n`);
	};
}

/**
 * `npm run seed -- --products 100000` creates a demo catalogue of that size; run again, it adds the missing parts. It refuses while the shop
 * runs on the data folder.
 */
async function seed(): Promise<void> {
	const count = parseProductCount();
	process.env["LOG_LEVEL"] ??= "warn";
	// Loaded after LOG_LEVEL is set.
	const { settings } = load<typeof SettingsModule>("../settings");
	const { default: config } = load<typeof ConfigModule>("../moleculer.config");
	const { findServiceFiles } = load<typeof ServiceFilesModule>("../infrastructure/service-files");
	const { DEMO_SERVICES, loadDemoCatalogue } = load<typeof LoadModule>("./demo/load-catalogue");
	load<typeof BackendsModule>("../infrastructure/backends").backends.lock("exclusive");
	const broker = new ServiceBroker(config);
	const files = findServiceFiles(settings);
	for (const name of ["config", ...DEMO_SERVICES]) broker.loadService(files.get(name) ?? "");
	await broker.start();
	await loadDemoCatalogue(broker, count, createReporter());
	await broker.stop();
}

runCommand(seed);
