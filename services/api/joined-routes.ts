import { isDeepStrictEqual } from "node:util";
import type { ServiceBroker } from "moleculer";
import { isRefusalType } from "../../schemas/errors/error-codes";
import { API_BASE, PLAIN_ROUTE, ROLES, type Action, type Http } from "../../schemas/kit/contract";
import { newValidator } from "../../schemas/kit/validator";
import { describeOperation } from "./openapi/operation";
import { sortRoutes, toAlias, toRoute, type Route } from "./routes";

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
	...PLAIN_ROUTE,
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
	errors: sent.errors.filter(isRefusalType)
});

const serviceOf = (action: string) => action.split(".")[0];
/** Paths are equal for the gateway whatever their parameters are called. */
const toKey = (route: Route) => toAlias(route).replace(/:\w+/g, ":");

/**
 * Whether requests of the gateway's own alias would go to that of a service that joined: `GET /orders/:id` answers `GET
 * /orders/export`, and moleculer-web prefers the path with fewer parameters.
 */
function wouldTake(joined: string, own: string): boolean {
	const parts = joined.split("/");
	const ownParts = own.split("/");
	const takesRest = own.includes("*");
	if (takesRest ? parts.length < ownParts.length : parts.length !== ownParts.length) return false;
	const overlaps = ownParts.every(
		(part, i) => /^[:*]/.test(part) || parts[i]?.startsWith(":") || part === parts[i]
	);
	return overlaps && (takesRest || countParameters(own) >= countParameters(joined));
}

const countParameters = (alias: string) => alias.split(":").length - 1;

/**
 * The routes of services that are not in the registry, from the actions that the nodes announce. `ownAliases` are all that
 * the gateway answers without them, such as `GET /orders/:id`: no request that one of those answers is ever given to a service
 * that joined. `onRefused` learns of the routes that can't be served, and why.
 */
export function listJoinedRoutes(
	actions: readonly AnnouncedAction[],
	shopRoutes: readonly Route[],
	ownAliases: readonly string[],
	onRefused: (name: string, reason: string) => void
): Route[] {
	const services = new Set(shopRoutes.map(({ name }) => serviceOf(name)));
	const taken = new Map<string, string>();
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
		const alias = toAlias(route);
		const owner = ownAliases.find(own => wouldTake(alias, own)) ?? taken.get(toKey(route));
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

/** What a gateway reads of an announcement. */
const pickRead = (action: AnnouncedAction | undefined) =>
	action && { http: action.http, params: action.params, answer: action.answer };

/**
 * The routes of the services that joined this gateway's shop, and their handlers. They stay while their service is away, and
 * answer 503 then.
 */
export class JoinedRoutes<H = unknown> {
	private known = new Map<string, AnnouncedAction>();
	private readonly refused = new Set<string>();
	routes: readonly Route[] = [];
	/** By their aliases. */
	handlers: Readonly<Record<string, H>> = {};

	constructor(
		private readonly broker: Pick<ServiceBroker, "registry" | "logger">,
		private readonly shopRoutes: readonly Route[],
		private readonly ownAliases: readonly string[],
		private readonly createHandler: (route: Route) => H
	) {}

	/** Reads what the nodes announce; true where the routes have changed. */
	refresh(): boolean {
		const announced = this.broker.registry.getActionList({ skipInternal: true });
		const actions = announced.flatMap(({ action }) => {
			const known = action as AnnouncedAction | undefined;
			return known?.http ? [known] : [];
		});
		const isKnown = (action: AnnouncedAction) =>
			isDeepStrictEqual(pickRead(action), pickRead(this.known.get(action.name)));
		if (actions.every(isKnown)) return false;
		this.known = new Map([...this.known, ...actions.map(action => [action.name, action] as const)]);
		const refuse = (name: string, reason: string) => this.warnOnce(name, reason);
		const listed = listJoinedRoutes([...this.known.values()], this.shopRoutes, this.ownAliases, refuse);
		const created = sortRoutes(listed).flatMap(route => {
			const handler = this.tryCreate(route);
			return handler === undefined ? [] : [{ route, handler }];
		});
		this.routes = created.map(({ route }) => route);
		this.handlers = Object.fromEntries(created.map(({ route, handler }) => [toAlias(route), handler]));
		return true;
	}

	/** Undefined where the announced rules can't be read: one bad announcement leaves the routes of others alone. */
	private tryCreate(route: Route): H | undefined {
		try {
			describeOperation(route, { lang: "en", schemas: new Map(), responses: new Map() });
			return this.createHandler(route);
		} catch (err) {
			this.warnOnce(route.name, `its rules can't be read: ${String(err)}`);
			return undefined;
		}
	}

	private warnOnce(name: string, reason: string): void {
		if (this.refused.has(`${name} ${reason}`)) return;
		this.refused.add(`${name} ${reason}`);
		this.broker.logger.warn({ action: name, reason }, "A route of a service that joined is not served");
	}
}
