import { API_BASE, type Action, type Contract, type Http } from "../../schemas/kit/contract";
import { settings } from "../../settings";

type PublishedAction = Action & { readonly http: Http };
export type Route = {
	readonly name: string;
	readonly action: PublishedAction;
	readonly path: string;
};

/** The route of an action by its full name, `orders.create`. */
export const toRoute = (name: string, action: PublishedAction): Route => ({
	name,
	action,
	path: (action.http.root ? "" : API_BASE) + action.http.path
});

/** Every published action with its full path, fixed paths before those with parameters; routes of the sandbox only if it runs. */
export function listRoutes(
	contracts: Readonly<Record<string, Contract>>,
	sandbox = settings.sandbox
): Route[] {
	const routes = Object.values(contracts)
		.filter(({ name }) => sandbox || name !== "sandbox")
		.flatMap(({ name, actions }) =>
			Object.entries(actions).flatMap(([key, action]) => {
				const { http } = action;
				return http ? [toRoute(`${name}.${key}`, { ...action, http })] : [];
			})
		);
	return sortRoutes(routes);
}

export function sortRoutes(routes: readonly Route[]): Route[] {
	const sortKey = (path: string) => path.replace(/[:*]\w+/g, "~");
	return routes.toSorted((a, b) => (sortKey(a.path) < sortKey(b.path) ? -1 : 1));
}

/** As moleculer-web names a route. */
export const toAlias = ({ path, action }: Route): string => `${action.http.method} ${path}`;
