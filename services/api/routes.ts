import { API_BASE, type Action, type Contract, type Http } from "../../schemas/kit/contract";
import { settings } from "../../settings";

export type Route = {
	readonly name: string;
	readonly action: Action & { readonly http: Http };
	readonly path: string;
};

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
				if (!http) return [];
				return [
					{
						name: `${name}.${key}`,
						action: { ...action, http },
						path: (http.root ? "" : API_BASE) + http.path
					}
				];
			})
		);
	const sortKey = (path: string) => path.replace(/[:*]\w+/g, "~");
	return routes.toSorted((a, b) => (sortKey(a.path) < sortKey(b.path) ? -1 : 1));
}
