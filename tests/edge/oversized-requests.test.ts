import type { AnyRule, Rule } from "../../schemas/kit/rules";
import { unique } from "../support/builders";
import { fillPath, PUBLISHED_ROUTES, type PublishedRoute } from "../support/published-routes";
import { SharedShop } from "../support/shared-shop/shared-shop";

let shop: SharedShop;
let token: string;
beforeAll(async () => {
	shop = await SharedShop.open();
	token = await shop.asAdmin();
});

const MANY = 3000;
const ANSWER_BYTES = 16 * 1024;

/** A value far over every maximum of the rule, in which no item is valid either. */
function oversize({ type, items, props, value }: AnyRule): unknown {
	if (type === "array" && items) return Array.from({ length: MANY }, () => "!");
	if (type === "record" && value)
		return Object.fromEntries(Array.from({ length: MANY }, (_, n) => [`!${n}`, null]));
	if (type === "object" && props)
		return Object.fromEntries(Object.entries(props).map(([name, inner]) => [name, oversize(inner)]));
	return "!".repeat(MANY);
}

const bodyOf = ({ params, http }: PublishedRoute) =>
	Object.fromEntries(
		Object.entries(params)
			.filter((entry): entry is [string, Rule<unknown>] => typeof entry[1] === "object")
			.filter(([name]) => !http.path.includes(`:${name}`) && !(http.keyed && name === "key"))
			.map(([name, rule]) => [name, oversize(rule)])
	);
const unknownFields = () => Object.fromEntries(Array.from({ length: MANY }, (_, n) => [`unknown${n}`, null]));
/** As many as the longest head of a request has room for. */
const manyParameters = Array.from({ length: 1500 }, (_, n) => `a${n}`).join("&");

const routes = PUBLISHED_ROUTES.filter(({ http }) => !http.raw && !http.upload && !http.file);
const takesBody = ({ http }: PublishedRoute) => http.method !== "GET" && http.method !== "DELETE";

it("refuses what is far over the limits of any route, with few faults in a short answer", async () => {
	type Sent = { readonly route: PublishedRoute; readonly path: string; readonly body?: object };
	const requests = routes.flatMap((route): Sent[] => {
		const path = fillPath(route, () => "limits.perMinute");
		if (!takesBody(route)) return [{ route, path: `${path}?${manyParameters}` }];
		const oversized = bodyOf(route);
		const bodies = Object.keys(oversized).length > 0 ? [oversized, unknownFields()] : [unknownFields()];
		return bodies.map(body => ({ route, path, body }));
	});
	const odd: unknown[] = [];

	for (const { route, path, body } of requests) {
		const { status, body: answer } = await shop.http(route.http.method, path, {
			token,
			key: unique("key-"),
			...(body && { body })
		});
		const length = Buffer.byteLength(JSON.stringify(answer));
		const faults = Array.isArray(answer.data) ? answer.data.length : 0;
		if (![400, 413].includes(status) || length > ANSWER_BYTES || faults > 50)
			odd.push([route.route, status, answer.code, length, faults]);
	}

	expect(requests.length).toBeGreaterThan(100);
	expect(odd).toEqual([]);
});

it("refuses a page that is deep in a list and names the cursor, on every route with pages", async () => {
	const paged = routes.filter(({ params, http }) => "page" in params && http.method === "GET");

	const replies = await Promise.all(
		paged.map(route => shop.http("GET", `${fillPath(route)}?page=101&pageSize=100`, { token }))
	);

	const faults = replies.map(({ body }) => body.data[0]);
	expect(paged.length).toBeGreaterThan(10);
	expect(new Set(faults.map(({ field, type }) => `${field} ${type}`))).toEqual(new Set(["page pageDepth"]));
	expect(faults[0].message).toContain("cursor");
});
