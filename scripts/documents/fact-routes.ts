import type { ServiceSchema } from "moleculer";
import { findServiceFiles } from "../../infrastructure/service-files";
import { factsByService } from "../../schemas/registry";

/** Who publishes a fact, and which services handle it, by their names. */
export type FactRoute = { readonly publisher: string; readonly consumers: readonly string[] };

/** Reads the publisher and the consumers of every fact from the contracts and the services; starts none. */
export function readFactRoutes(): Map<string, FactRoute> {
	const schemas = [...findServiceFiles({ sandbox: true }).values()].map(
		file => (require(file) as { default: ServiceSchema }).default
	);
	const routes = Object.entries(factsByService).flatMap(([publisher, facts]) =>
		Object.keys(facts).map((name): [string, FactRoute] => {
			const handling = schemas.filter(({ events }) => events?.[name]);
			return [name, { publisher, consumers: handling.map(schema => schema.name).toSorted() }];
		})
	);
	return new Map(routes.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
