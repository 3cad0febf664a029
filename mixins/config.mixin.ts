import type { Middleware, Service, ServiceAction, ServiceBroker } from "moleculer";
import { configKeys, type ConfigKey, type ConfigValue } from "../schemas/config.keys";
import type { config } from "../schemas/config.contract";
import type { AnswerOf, Mixin } from "../schemas/kit";
import { call } from "../schemas/registry";
import { backgroundWork } from "../infrastructure/background-work";

export type { ConfigKey } from "../schemas/config.keys";

/** Asked twice a second, so that a change is everywhere within a second, whatever hint or message was lost. */
const POLL_EVERY_MS = 500;

/** What the settings of the running shop are right now, as this process knows them. */
export class Config {
	private version = -1;
	private values: Readonly<Record<string, unknown>> = {};
	private asked = 0;
	private answered = 0;

	get<K extends ConfigKey>(key: K): ConfigValue<K> {
		// The config service checked the value against the key's rule before it stored it.
		return (key in this.values ? this.values[key] : configKeys[key].initial) as ConfigValue<K>;
	}

	get isKnown(): boolean {
		return this.answered > 0;
	}

	refresh(broker: ServiceBroker): Promise<void> {
		return this.take(version => call(broker, "config.snapshot", { version }, { timeout: 2000 }));
	}

	/** Of answers that overtake each other, the one asked for last stands. */
	async take(ask: (version: number) => Promise<Snapshot>): Promise<void> {
		const turn = ++this.asked;
		const { version, values } = await ask(this.version);
		if (turn < this.answered) return;
		this.answered = turn;
		if (values) this.values = values;
		this.version = version;
	}
}
type Snapshot = AnswerOf<typeof config.actions.snapshot>;

const configs = new WeakMap<ServiceBroker, Config>();
export function getConfig(broker: ServiceBroker): Config {
	let config = configs.get(broker);
	if (!config) configs.set(broker, (config = new Config()));
	return config;
}

const ownSnapshot = ({ actions }: Service, version: number) =>
	(actions["snapshot"] as ServiceAction)<Promise<Snapshot>>({ version });

/** `this.config.get("orders.maxUnpaid")`. */
export const configMixin: Mixin<{ config: Config }> = {
	created(this: Service) {
		Object.assign(this, { config: getConfig(this.broker) });
	}
};

/** Keeps the process's view of the config fresh. Services start when it is there, so that none acts by a value long changed. */
export function configMiddleware(): Middleware {
	let timer: NodeJS.Timeout | undefined;
	let stopped = false;
	let polling: Promise<void> | undefined;
	let fetched: Promise<void> | undefined;
	let taken = () => {};
	const own = new Promise<void>(resolve => (taken = resolve));
	const poll = async (broker: ServiceBroker) => {
		// Away or not there yet: the values known so far go on.
		await getConfig(broker)
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
	/** For as long as it takes: without its config this process had better not work. */
	const fetchFirst = async (broker: ServiceBroker) => {
		broker.logger.info("Waiting for the config of the shop");
		await broker.waitForServices("config", 0);
		while (!getConfig(broker).isKnown && !stopped) {
			await getConfig(broker)
				.refresh(broker)
				.catch((err: unknown) =>
					broker.logger.warn({ err }, "The config of the shop is not there yet")
				);
		}
	};
	return {
		name: "Config",
		async serviceStarting({ broker, name }: Service) {
			if (name === "$node" || name === "config") return;
			if (broker.services.some(service => service.name === "config")) await own;
			else if (broker.transit) await (fetched ??= fetchFirst(broker));
		},
		async serviceStarted(service: Service) {
			if (service.name !== "config") return;
			// Not over the bus, where this service can't be reached before the whole node is up.
			await getConfig(service.broker).take(version => ownSnapshot(service, version));
			taken();
		},
		async started(broker: ServiceBroker) {
			backgroundWork(broker).add(stop);
			await poll(broker);
		},
		stopping: stop
	};
}
