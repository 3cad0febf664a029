import type { ServiceBroker } from "moleculer";
import { settings } from "../settings";

type Gateway = { readonly server: { address(): { port: number } | null } };

/** Where the gateway of this process listens; undefined without one. */
export function portOf(broker: ServiceBroker): number | undefined {
	const gateway = broker.getLocalService("api") as unknown as Gateway | undefined;
	return gateway?.server.address()?.port;
}

/** Where clients and payment channels reach the gateway, without a slash at the end. */
export function gatewayUrl(broker: ServiceBroker): string {
	const host = settings.host === "0.0.0.0" ? "localhost" : settings.host;
	return settings.publicUrl || `http://${host}:${portOf(broker) ?? settings.port}`;
}
