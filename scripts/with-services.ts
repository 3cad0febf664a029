import { ServiceBroker } from "moleculer";
import type * as ConfigModule from "../moleculer.config";
import type * as BackendsModule from "../infrastructure/backends";
import type * as ServiceFilesModule from "../infrastructure/service-files";
import type * as SettingsModule from "../settings";
import { load } from "./run-command";

/**
 * Runs a command's work with these services alone, on the store that the settings name, whether or not the shop runs. Throws a
 * NoShopError where there is none.
 */
export async function withServices(
	names: readonly string[],
	work: (broker: ServiceBroker) => Promise<void>
): Promise<void> {
	process.env["LOG_LEVEL"] ??= "error";
	process.env["DEMO"] = "off"; // without NODE_ENV=production, a live shop would get the demo accounts
	process.env["METRICS_PORT"] = "off"; // the running process with the same settings has the port
	process.env["CHECK_INVARIANTS_EVERY"] = "0";
	const { settings } = load<typeof SettingsModule>("../settings");
	const { backends } = load<typeof BackendsModule>("../infrastructure/backends");
	const { findServiceFiles } = load<typeof ServiceFilesModule>("../infrastructure/service-files");
	backends.assertShopExists();
	await backends.open();
	const { default: config } = load<typeof ConfigModule>("../moleculer.config");
	// Without the bus: this process works on the store alone and takes no calls of the running shop.
	const broker = new ServiceBroker({ ...config, transporter: null, disableBalancer: false });
	const files = findServiceFiles(settings);
	for (const name of names) broker.loadService(files.get(name) ?? "");
	await broker.start();
	try {
		await work(broker);
	} finally {
		await broker.stop();
	}
}
