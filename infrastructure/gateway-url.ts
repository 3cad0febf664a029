import type { ServiceBroker } from "moleculer";
import { settings } from "../settings";

type Gateway = {
	readonly server: { address(): { port: number } | null };
	/** Answers on for STOP_GRACE, then takes no more requests; resolves when the last ones end, `forMs` later at the latest. */
	drain(forMs: number): Promise<void>;
};

/** The gateway of this process, if it has one. */
export const findLocalGateway = (broker: ServiceBroker) =>
	broker.getLocalService("api") as unknown as Gateway | undefined; // Moleculer knows no types of services

/** The port that this process's gateway listens on; undefined without a gateway. */
export const getGatewayPort = (broker: ServiceBroker): number | undefined =>
	findLocalGateway(broker)?.server.address()?.port;

/** The address at which clients and payment channels reach the gateway, without a slash at the end. */
export function getGatewayUrl(broker: ServiceBroker): string {
	const host = settings.host === "0.0.0.0" ? "localhost" : settings.host;
	return settings.publicUrl || `http://${host}:${getGatewayPort(broker) ?? settings.port}`;
}
