import type { Middleware, Service, ServiceAction, ServiceBroker } from "moleculer";
import { registerBackgroundWork } from "../infrastructure/background-work";
import { getConfig, type ConfigSnapshot } from "../infrastructure/config";

/** Polling twice a second brings a change to every process within a second; no message can be lost on the way. */
const POLL_EVERY_MS = 500;

const callOwnSnapshot = ({ actions }: Service, revision: number) =>
	(actions["snapshot"] as ServiceAction)<Promise<ConfigSnapshot>>({ revision });

/**
 * Keeps the process's config values fresh. Services don't start before the values are loaded, so none acts on a default
 * that an administrator changed long ago.
 */
export function configMiddleware(): Middleware {
	let timer: NodeJS.Timeout | undefined;
	let stopped = false;
	let polling: Promise<void> | undefined;
	let remoteLoaded: Promise<void> | undefined;
	/** Resolves when the config service of this process has loaded the values. */
	const ownLoaded = Promise.withResolvers<void>();
	const poll = async (broker: ServiceBroker) => {
		// While the config service is away, the process goes on with the values that it knows.
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
	/** Waits for the config service of another process, however long it takes to come. */
	const loadFromBus = async (broker: ServiceBroker) => {
		broker.logger.info("Waiting for the config of the shop");
		await broker.waitForServices("config", 0);
		while (!getConfig(broker).isLoaded && !stopped) {
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
			if (broker.services.some(service => service.name === "config")) await ownLoaded.promise;
			else if (broker.transit) await (remoteLoaded ??= loadFromBus(broker));
		},
		async serviceStarted(service: Service) {
			if (service.name !== "config") return;
			// A direct call: over the bus this service can't be reached before the whole node is up.
			await getConfig(service.broker).load(revision => callOwnSnapshot(service, revision));
			ownLoaded.resolve();
		},
		async started(broker: ServiceBroker) {
			registerBackgroundWork(broker, stop);
			await poll(broker);
		},
		stopping: stop
	};
}
