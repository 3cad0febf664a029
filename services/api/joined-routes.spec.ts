import type { ServiceBroker } from "moleculer";
import { action } from "../../schemas/kit/contract";
import * as r from "../../schemas/kit/rules";
import { contracts } from "../../schemas/registry";
import { JoinedRoutes, listJoinedRoutes, type AnnouncedAction } from "./joined-routes";
import { listRoutes, toAlias } from "./routes";

const shop = listRoutes(contracts);
const own = [...shop.map(toAlias), "GET /api/v1/events", "GET /metrics"];
const published = (route: `GET /${string}`) =>
	action({ id: r.id() })
		.returns(r.obj({ n: r.int() }))
		.rest(route, "user", "About");
/** As a node announces it to the others. */
const announce = (name: string, over: object = {}, route: `GET /${string}` = "GET /own/:id") => {
	const { params, answer, http } = published(route);
	return JSON.parse(
		JSON.stringify({ name, params, answer, http: { ...http, ...over } })
	) as AnnouncedAction;
};
const list = (...actions: AnnouncedAction[]) => {
	const refused: string[] = [];
	const routes = listJoinedRoutes(actions, shop, own, name => refused.push(name));
	return { served: routes.map(({ name, path }) => [name, path]), refused, routes };
};

it("serves what a service that joined announces, under the base of the API", () => {
	const { served, refused, routes } = list(announce("own.get"));

	expect([served, refused]).toEqual([[["own.get", "/api/v1/own/:id"]], []]);
	expect(routes[0]?.action.http).toMatchObject({ maxConcurrency: Infinity, raw: false, policy: "user" });
});

it("never replaces a route of the shop or of another service, whatever its parameters are called", () => {
	const taken = announce("own.take", {}, "GET /products/:anything");

	expect(list(taken)).toMatchObject({ served: [], refused: ["own.take"] });
	expect(list(announce("b.get", {}, "GET /own/:x"), announce("a.get"))).toMatchObject({
		served: [["a.get", "/api/v1/own/:id"]],
		refused: ["b.get"]
	});
	expect(list(announce("orders.list", {}, "GET /own/orders"))).toMatchObject({ served: [], refused: [] });
});

it.each([
	["a policy that is none", { policy: "anybody" }],
	["no policy", { policy: undefined }],
	["an unknown role", { policy: ["root"] }],
	["an empty list of roles", { policy: [] }],
	["a path out of the base", { path: "/../metrics" }],
	["a method of its own", { method: "TRACE" }]
])("refuses a route with %s", (_, over) => {
	expect(list(announce("own.get", over))).toMatchObject({ served: [], refused: ["own.get"] });
});

it.each<`GET /${string}`>([
	"GET /events",
	"GET /orders/export",
	"GET /:any/export",
	"GET /sandbox/wechat/a/b"
])("takes no request from the gateway's own routes by %s", route => {
	expect(list(announce("own.get", {}, route))).toMatchObject({ served: [], refused: ["own.get"] });
});

it("serves what the gateway's own routes leave over", () => {
	const routes = ["GET /me/my-loyalty", "GET /orders/:id/my-loyalty", "GET /me/:other"] as const;

	expect(list(...routes.map((route, n) => announce(`own.get${n}`, {}, route))).refused).toEqual([]);
});

/** The routes of a gateway in front of services that announce what `announced` has. */
function join(announced: AnnouncedAction[]) {
	const warned: unknown[] = [];
	const broker = {
		registry: { getActionList: () => announced.map(one => ({ action: one })) },
		logger: { warn: ({ action: name }: { action: string }) => warned.push(name) }
	} as unknown as ServiceBroker;
	return { warned, joined: new JoinedRoutes(broker, shop, own, ({ action: { params } }) => params) };
}

it("follows a service that comes back with other rules", () => {
	const announced = [announce("own.get")];
	const { joined } = join(announced);
	const before = [joined.refresh(), joined.refresh()];
	announced[0] = { ...announce("own.get"), params: { id: r.id(), q: r.str() } };

	expect([...before, joined.refresh(), joined.refresh()]).toEqual([true, false, true, false]);
	expect(Object.keys(joined.handlers["GET /api/v1/own/:id"] ?? {})).toEqual(["id", "q"]);

	announced[0] = { ...announced[0], answer: r.obj({ n: r.str() }) };
	expect(joined.refresh()).toBe(true);
});

it("leaves out a route whose rules can't be read, warns once, and serves the others", () => {
	const bad = {
		...announce("bad.get", {}, "GET /bad"),
		params: { id: null }
	} as unknown as AnnouncedAction;
	const announced = [bad, announce("own.get")];
	const { joined, warned } = join(announced);
	joined.refresh();
	announced.push(announce("more.get", {}, "GET /more"));
	joined.refresh();

	expect(joined.routes.map(({ name }) => name)).toEqual(["more.get", "own.get"]);
	expect(warned).toEqual(["bad.get"]);
});

it("takes nothing that would bypass the envelope, the base or the limits", () => {
	const { routes } = list(announce("own.get", { raw: true, root: true, upload: { field: "f" } }));

	expect(routes.map(({ path, action: { http } }) => [path, http.raw, http.root, http.upload])).toEqual([
		["/api/v1/own/:id", false, false, undefined]
	]);
});
