import { action } from "../../schemas/kit/contract";
import * as r from "../../schemas/kit/rules";
import { contracts } from "../../schemas/registry";
import { listJoinedRoutes, type AnnouncedAction } from "./joined-routes";
import { listRoutes } from "./routes";

const shop = listRoutes(contracts);
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
	const routes = listJoinedRoutes(actions, shop, name => refused.push(name));
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

it("takes nothing that would bypass the envelope, the base or the limits", () => {
	const { routes } = list(announce("own.get", { raw: true, root: true, upload: { field: "f" } }));

	expect(routes.map(({ path, action: { http } }) => [path, http.raw, http.root, http.upload])).toEqual([
		["/api/v1/own/:id", false, false, undefined]
	]);
});
