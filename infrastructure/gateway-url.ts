import type { ServiceBroker } from "moleculer";
import { settings } from "../settings";

type Gateway = {
	readonly server: { address(): { port: number } | null };
	/** Lets the requests under way finish and takes no more. */
	drain(forMs: number): Promise<void>;
};

/** The gateway of this process, if it has one. */
export const localGateway = (broker: ServiceBroker) =>
	broker.getLocalService("api") as unknown as Gateway | undefined; // Moleculer knows services by name only

/** Where the gateway of this process listens; undefined without one. */
export const gatewayPort = (broker: ServiceBroker): number | undefined =>
	localGateway(broker)?.server.address()?.port;

/** Where clients and payment channels reach the gateway, without a slash at the end. */
export function gatewayUrl(broker: ServiceBroker): string {
	const host = settings.host === "0.0.0.0" ? "localhost" : settings.host;
	return settings.publicUrl || `http://${host}:${gatewayPort(broker) ?? settings.port}`;
}
