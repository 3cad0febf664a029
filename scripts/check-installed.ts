import { SettingError } from "../infrastructure/environment";
import type * as BackendsModule from "../infrastructure/backends";
import type { ServerState } from "../infrastructure/backends";
import type * as SettingsModule from "../settings";
import { load } from "./run-command";

/** What the doctor learns from the shop's own code. It is printed as JSON. */
type InstalledChecks = {
	/** The message of the setting that can't work. */
	readonly settingsError: string | null;
	/** Whether this Node segments Chinese words, which the search needs. */
	readonly segments: boolean;
	/** Null while the settings are wrong. */
	readonly places: {
		readonly dataDir: string;
		readonly host: string;
		readonly port: number;
		readonly metricsHost: string;
		readonly metricsPort: number | "off";
	} | null;
	readonly servers: readonly ServerState[];
};

const canSegment = () => [...new Intl.Segmenter("zh", { granularity: "word" }).segment("手机壳")].length < 3;

async function check(): Promise<InstalledChecks> {
	const segments = canSegment();
	try {
		const { dataDir, host, port, metricsServer } = load<typeof SettingsModule>("../settings").settings;
		const { backends } = load<typeof BackendsModule>("../infrastructure/backends");
		const places = {
			dataDir,
			host,
			port,
			metricsHost: metricsServer?.host ?? "127.0.0.1",
			metricsPort: metricsServer?.port ?? ("off" as const)
		};
		return { settingsError: null, segments, places, servers: await backends.probeServers() };
	} catch (err) {
		if (!(err instanceof SettingError)) throw err;
		return { settingsError: err.message, segments, places: null, servers: [] };
	}
}

check().then(
	result => process.stdout.write(JSON.stringify(result), () => process.exit(0)),
	(err: unknown) => {
		process.stderr.write(`${err instanceof Error ? err.message : String(err)}\n`);
		process.exit(1);
	}
);
