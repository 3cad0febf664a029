import type { ServiceBroker } from "moleculer";
import type { config } from "../schemas/config.contract";
import { configKeys, type ConfigKey, type ConfigValue } from "../schemas/config-keys";
import type { AnswerOf } from "../schemas/kit/contract";
import { call } from "../schemas/registry";

export type ConfigSnapshot = AnswerOf<typeof config.actions.snapshot>;

/** The config values of the running shop, as this process knows them: its defaults until the first `refresh`. */
export class Config {
	private revision = -1;
	private values: Readonly<Record<string, unknown>> = {};
	private lastRequest = 0;
	private newestApplied = 0;

	get<K extends ConfigKey>(key: K): ConfigValue<K> {
		// The config service checked the value against the key's rule before it stored it.
		return (key in this.values ? this.values[key] : configKeys[key].initial) as ConfigValue<K>;
	}

	get isLoaded(): boolean {
		return this.newestApplied > 0;
	}

	/** Fetches the values from the config service; rejects, and keeps the old ones, where it doesn't answer within 2 s. */
	refresh(broker: ServiceBroker): Promise<void> {
		return this.load(revision => call(broker, "config.snapshot", { revision }, { timeout: 2000 }));
	}

	/**
	 * Applies the snapshot that `fetch` resolves with; it is given the revision known so far, and values are null where that is
	 * still the newest. A response that arrives after that of a later request is ignored.
	 */
	async load(fetch: (revision: number) => Promise<ConfigSnapshot>): Promise<void> {
		const request = ++this.lastRequest;
		const { revision, values } = await fetch(this.revision);
		if (request < this.newestApplied) return;
		this.newestApplied = request;
		if (values) this.values = values;
		this.revision = revision;
	}
}

const configs = new WeakMap<ServiceBroker, Config>();

/** The config of a process: all services of a broker share one. */
export function getConfig(broker: ServiceBroker): Config {
	const config = configs.get(broker) ?? new Config();
	configs.set(broker, config);
	return config;
}
