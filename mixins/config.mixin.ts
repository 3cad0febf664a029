import type { Middleware, Service, ServiceBroker } from "moleculer";
import { configKeys, type ConfigKey, type ConfigValue } from "../schemas/config.keys";
import type { Mixin } from "../schemas/kit";
import { call } from "../schemas/registry";
import { ownWork } from "./own-work";

export type { ConfigKey } from "../schemas/config.keys";

/** Asked twice a second, so that a change is everywhere within a second, whatever hint or message was lost. */
const POLL_EVERY_MS = 500;

/** What the settings of the running shop are right now, as this process knows them. */
export class Config {
	private version = -1;
	private values: Readonly<Record<string, unknown>> = {};

	get<K extends ConfigKey>(key: K): ConfigValue<K> {
		// The config service checked the value against the key's rule before it stored it.
		return (key in this.values ? this.values[key] : configKeys[key].initial) as ConfigValue<K>;
	}

	async refresh(broker: ServiceBroker): Promise<void> {
		const answer = await call(broker, "config.snapshot", { version: this.version }, { timeout: 2000 });
		if (answer.values) this.values = answer.values;
		this.version = answer.version;
	}
}

const configs = new WeakMap<ServiceBroker, Config>();
export function configOf(broker: ServiceBroker): Config {
	let config = configs.get(broker);
	if (!config) configs.set(broker, (config = new Config()));
	return config;
}

/** `this.config.get("orders.maxUnpaid")`. */
export const configMixin: Mixin<{ config: Config }> = {
	created(this: Service) {
		Object.assign(this, { config: configOf(this.broker) });
	}
};

/** Keeps the process's view of the config fresh. */
export function configMiddleware(): Middleware {
	let timer: NodeJS.Timeout | undefined;
	let stopped = false;
	let polling: Promise<void> | undefined;
	const poll = async (broker: ServiceBroker) => {
		// Away or not there yet: the values known so far go on.
		await configOf(broker)
			.refresh(broker)
			.catch((err: unknown) => broker.logger.debug({ err }, "Config not refreshed"));
		if (stopped) return;
		timer = setTimeout(() => {
			polling = poll(broker);
		}, POLL_EVERY_MS).unref();
	};
	const stop = async () => {
		stopped = true;
		clearTimeout(timer);
		await polling;
	};
	return {
		name: "Config",
		async serviceStarted(service: Service) {
			// Before the others start. On a bus nobody can be asked before the broker is up: then `started` is the first time.
			if (service.name === "config" && !service.broker.options.disableBalancer)
				await configOf(service.broker).refresh(service.broker);
		},
		async started(broker: ServiceBroker) {
			ownWork(broker).add(stop);
			await poll(broker);
		},
		stopping: stop
	};
}
