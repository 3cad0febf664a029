import { isDeepStrictEqual } from "node:util";
import type { ServiceBroker } from "moleculer";
import { isRefusalType } from "../../schemas/errors/error-codes";
import { API_BASE, ROLES, type Action, type Http } from "../../schemas/kit/contract";
import { newValidator } from "../../schemas/kit/validator";
import { sortRoutes, toRoute, type Route } from "./routes";

/** An action as a node announces it, also one of another process: JSON, so without patterns and functions. */
export type AnnouncedAction = { readonly name: string } & Partial<Pick<Action, "params" | "answer" | "http">>;

/** What a service in a folder of its own may say of a route. The rest has its default. */
const validate = newValidator().compile({
	method: { type: "enum", values: ["GET", "POST", "PUT", "PATCH", "DELETE"] },
	path: { type: "string", pattern: /^(\/:?[\w-]+)+$/, max: 200 },
	policy: [
		{ type: "enum", values: ["public", "guest", "user"] },
		{ type: "array", min: 1, items: { type: "enum", values: ROLES } }
	],
	about: { type: "string", max: 500 },
	status: { type: "enum", values: [200, 201] },
	keyed: "boolean",
	limited: "boolean",
	hasBody: "boolean",
	audited: "boolean",
	stepUp: "boolean",
	errors: { type: "array", items: "string" }
});

const toHttp = (sent: Http): Http => ({
	method: sent.method,
	path: sent.path,
	policy: sent.policy,
	about: sent.about,
	status: sent.status,
	keyed: sent.keyed,
	limited: sent.limited,
	hasBody: sent.hasBody,
	audited: sent.audited,
	stepUp: sent.stepUp,
	errors: sent.errors.filter(isRefusalType),
	replays: false,
	raw: false,
	upload: undefined,
	file: undefined,
	pieces: undefined,
	maxMs: undefined,
	root: false,
	maxConcurrency: Infinity,
	cacheTags: undefined
});

const serviceOf = (action: string) => action.split(".")[0];
/** Paths are equal for the gateway whatever their parameters are called. */
const toKey = ({ path, action: { http } }: Route) => `${http.method} ${path.replace(/:\w+/g, ":")}`;

/**
 * The routes of services that are not in the registry, from the actions that the nodes announce. A route of the shop is never
 * replaced; `onRefused` learns of those that can't be served, and why.
 */
export function listJoinedRoutes(
	actions: readonly AnnouncedAction[],
	shopRoutes: readonly Route[],
	onRefused: (name: string, reason: string) => void
): Route[] {
	const services = new Set(shopRoutes.map(({ name }) => serviceOf(name)));
	const taken = new Map(shopRoutes.map(route => [toKey(route), route.name]));
	const joined: Route[] = [];
	for (const { name, params = {}, answer, http } of actions.toSorted((a, b) =>
		a.name < b.name ? -1 : 1
	)) {
		if (!http || !answer || services.has(serviceOf(name))) continue;
		const verdict = validate({ ...http });
		if (verdict !== true) {
			onRefused(name, "its route is none that the gateway can serve for it");
			continue;
		}
		const route = toRoute(name, { params, answer, repeatable: isRepeatable(http), http: toHttp(http) });
		const owner = taken.get(toKey(route));
		if (owner !== undefined) {
			onRefused(name, `${http.method} ${API_BASE}${http.path} belongs to ${owner}`);
			continue;
		}
		taken.set(toKey(route), name);
		joined.push(route);
	}
	return joined;
}

const isRepeatable = ({ method, keyed }: Http) => method === "GET" || keyed;

/** The routes of the services that joined this gateway's shop. They stay while their service is away, and answer 503 then. */
export class JoinedRoutes {
	private known = new Map<string, AnnouncedAction>();
	private readonly refused = new Set<string>();
	routes: readonly Route[] = [];

	constructor(
		private readonly broker: ServiceBroker,
		private readonly shopRoutes: readonly Route[]
	) {}

	/** Reads what the nodes announce; true where the routes have changed. */
	refresh(): boolean {
		const announced = this.broker.registry.getActionList({ skipInternal: true });
		const actions = announced.flatMap(({ action }) => {
			const known = action as AnnouncedAction | undefined;
			return known?.http ? [known] : [];
		});
		if (actions.every(action => isDeepStrictEqual(action.http, this.known.get(action.name)?.http)))
			return false;
		this.known = new Map([...this.known, ...actions.map(action => [action.name, action] as const)]);
		this.routes = sortRoutes(
			listJoinedRoutes([...this.known.values()], this.shopRoutes, (name, reason) => {
				if (this.refused.has(name)) return;
				this.refused.add(name);
				this.broker.logger.warn(
					{ action: name, reason },
					"A route of a service that joined is not served"
				);
			})
		);
		return true;
	}
}
