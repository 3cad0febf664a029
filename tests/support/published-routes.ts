import type { Action, Http } from "../../schemas/kit/contract";
import { contracts } from "../../schemas/registry";

export type PublishedRoute = {
	readonly name: string;
	/** `GET /products/:id`, without the base path. */
	readonly route: string;
	readonly http: Http;
	readonly params: Action["params"];
};

/** Lists every route of the contracts. Reads no setting, so it can be called before a shop has started. */
export const PUBLISHED_ROUTES: readonly PublishedRoute[] = Object.values(contracts).flatMap(
	({ name, actions }) =>
		Object.entries<Action>(actions).flatMap(([key, { http, params }]) =>
			http ? [{ name: `${name}.${key}`, route: `${http.method} ${http.path}`, http, params }] : []
		)
);

/** The path of a route with its parameters filled in; `//` marks a path at the root for the harness. */
export const fillPath = ({ http }: PublishedRoute, param: (name: string) => string = () => "none"): string =>
	(http.root ? "/" : "") +
	http.path.replace(/[:*](\w+)/g, (_, name: string) => encodeURIComponent(param(name)));
