import { ROLES, type Role } from "../../schemas/kit/contract";
import { aSku, StaffClient, unique } from "../support/builders";
import { startShop, type Reply, type Shop } from "../support/shop";
import { Shopper } from "../support/shopper";
import { until } from "../support/until";
import { fillPath, PUBLISHED_ROUTES, type PublishedRoute } from "../support/published-routes";

let shop: Shop;
let admin: StaffClient;
let owner: Shopper;
let disabled: string;
const tokens = new Map<Role, string>();

let phones = 13_712_360_000;
const newcomer = () => shop.register(String(phones++));

beforeAll(async () => {
	shop = await startShop();
	admin = new StaffClient(shop, await shop.asAdmin());
	await admin.mustSend("PUT", "/admin/config/orders.maxUnpaid", { value: 100 });
	owner = new Shopper(shop, (await newcomer()).token);
	for (const role of ROLES) {
		const phone = String(phones);
		const { token, user } = await newcomer();
		if (role === "customer") tokens.set(role, token);
		else {
			await admin.mustSend("PUT", `/admin/users/${user.id}/roles`, { roles: [role] });
			tokens.set(role, await shop.signIn(phone, "Tea-and-rice-9"));
		}
	}
	const { token, user } = await newcomer();
	disabled = token;
	await admin.mustSend("PUT", `/admin/users/${user.id}/status`, { status: "disabled" });
});
afterAll(() => shop.stop());

const send = (route: PublishedRoute, token?: string): Promise<Reply> =>
	shop.http(route.http.method, fillPath(route), {
		key: unique("key-"),
		...(token !== undefined && { token }),
		...(!/GET|DELETE/.test(route.http.method) && { body: {} })
	});
const NO_ENTRY = ["UNAUTHORIZED", "TOKEN_EXPIRED", "FORBIDDEN", "ACCOUNT_DISABLED"];
const OPEN = "open";
const UNAUTHORIZED = "401 UNAUTHORIZED, null";
const FORBIDDEN = "403 FORBIDDEN, null";
const DISABLED = "401 or 403 of a disabled account";

/** "open" if the request reached the action, whatever its answer; raw routes, all public, have codes of their own. */
function verdictOn({ http }: PublishedRoute, { status, body }: Reply): string {
	const refusal = `${status} ${body.code}, ${JSON.stringify(body.data)}`;
	if (status >= 500 || (!http.raw && NO_ENTRY.includes(body.code))) return refusal;
	return OPEN;
}

type Policy = PublishedRoute["http"]["policy"];
const isStaff = (policy: Policy) => typeof policy !== "string";

/** Requests every route of the expectation in turn and compares all verdicts at once. */
async function expectVerdicts(
	token: string | ((policy: Policy) => string) | undefined,
	expected: (policy: Policy) => string | undefined,
	verdict = verdictOn
): Promise<void> {
	const routes = PUBLISHED_ROUTES.filter(({ http }) => expected(http.policy) !== undefined);
	const verdicts: Record<string, string> = {};
	for (const route of routes) {
		const sent = typeof token === "function" ? token(route.http.policy) : token;
		verdicts[route.route] = verdict(route, await send(route, sent));
	}
	expect(verdicts).toEqual(
		Object.fromEntries(routes.map(({ route, http }) => [route, expected(http.policy)]))
	);
}

it("is one of four for every route", () => {
	const known = ({ http: { policy } }: PublishedRoute) =>
		policy === "public" || policy === "guest" || policy === "user" || isStaff(policy);

	expect(PUBLISHED_ROUTES.filter(route => !known(route))).toEqual([]);
	expect(PUBLISHED_ROUTES.filter(({ http }) => isStaff(http.policy)).length).toBeGreaterThan(20);
});

it("names roles for every route of staff", () => {
	const ofStaff = PUBLISHED_ROUTES.filter(({ http }) => http.path.startsWith("/admin/"));

	expect(ofStaff.length).toBeGreaterThan(20);
	expect(ofStaff.filter(({ http }) => !isStaff(http.policy)).map(({ route }) => route)).toEqual([]);
});

describe("opens exactly the right routes", () => {
	it("to a stranger", () =>
		expectVerdicts(undefined, policy =>
			policy === "public" || policy === "guest" ? OPEN : UNAUTHORIZED
		));

	it("with an invalid token", () =>
		expectVerdicts(
			policy => (policy === "public" ? "not-a-token" : "eyJhbGciOiJub25lIn0.e30."),
			policy => (policy === "public" ? OPEN : UNAUTHORIZED)
		));

	it("to a disabled user with an unexpired token", () =>
		expectVerdicts(
			disabled,
			policy => (policy === "public" ? undefined : DISABLED),
			(_, { status, body }) => {
				const refusal = `${status} ${body.code}`;
				return /^(401 UNAUTHORIZED|403 ACCOUNT_DISABLED)$/.test(refusal) ? DISABLED : refusal;
			}
		));

	it("to a customer", () =>
		expectVerdicts(tokens.get("customer"), policy =>
			policy === "public" ? undefined : isStaff(policy) ? FORBIDDEN : OPEN
		));

	it.each(["merchandiser", "warehouse", "support", "admin"] as const)("to the role %s", role =>
		expectVerdicts(tokens.get(role), policy => {
			if (!isStaff(policy)) return undefined;
			return role === "admin" || policy.includes(role) ? OPEN : FORBIDDEN;
		})
	);
});

describe("what belongs to another user", () => {
	/** An object of the owner, by the path of its routes. */
	const OBJECTS: Readonly<Record<string, () => Promise<string>>> = {
		"/orders": async () => (await owner.order(await aSkuInStock())).id,
		"/payments": async () => (await owner.createPayment((await owner.order(await aSkuInStock())).id)).id,
		"/after-sales": async () => {
			const skuId = await aSkuInStock();
			const { id: orderId } = await owner.order(skuId);
			await owner.payAtChannel((await owner.createPayment(orderId)).paymentNo);
			await until("the order to be paid", async () => {
				const { status } = await owner.mustSend("GET", `/orders/${orderId}`);
				return status === "paid";
			});
			const wanted = { orderId, type: "refund", items: [{ skuId, quantity: 1 }], reason: "不想要了" };
			return (await owner.mustSend("POST", "/after-sales", wanted, unique("case-"))).id;
		},
		"/me/addresses": () => owner.address(),
		"/me/sessions": async () =>
			(await owner.mustSend("GET", "/me/sessions")).find((one: { current: boolean }) => one.current).id
	};
	const aSkuInStock = async () => {
		const { skus } = await admin.addProductOnShelf({ skus: [aSku()] });
		await admin.addStock(skus[0].id, 5);
		return skus[0].id as string;
	};
	/** Bodies without which a route refuses the request before it looks for the object. */
	const BODIES: Readonly<Record<string, object>> = {
		"POST /after-sales/:id/shipment": { carrier: "SF", trackingNo: "SF1234567890" },
		"POST /orders/:id/invoice": { type: "personal", title: "李雷", email: "li@example.com" }
	};
	const NOBODYS = "01BX5ZZKBKACTAV9WEVGEMMVRZ";
	/** Paths of what belongs to the shop, not to a user. */
	const SHARED = ["/coupons/templates/", "/reviews/", "/me/favorites/"];
	const withParameter = PUBLISHED_ROUTES.filter(
		({ http: { policy, path } }) =>
			policy === "user" && /:\w+/.test(path) && !SHARED.some(shared => path.startsWith(shared))
	);

	it.each(withParameter)("answers 404 at $route", async route => {
		const [under = ""] = route.http.path.split("/:");
		const id = await OBJECTS[under]?.();
		if (id === undefined) throw new Error(`Say in OBJECTS how to make what ${under} holds`);
		const readable = PUBLISHED_ROUTES.some(({ route: other }) => other === `GET ${under}/:id`);
		const read = () => owner.send("GET", readable ? `${under}/${id}` : under);
		const before = (await read()).body;
		const stranger = new Shopper(shop, tokens.get("customer")!);
		const { method } = route.http;

		const attempt = (what: string) =>
			stranger.send(
				method,
				fillPath(route, () => what),
				/GET|DELETE/.test(method) ? undefined : (BODIES[route.route] ?? {})
			);

		const { status, body } = await attempt(id);
		const unknown = await attempt(NOBODYS);

		expect([status, body.code]).toEqual([404, "NOT_FOUND"]);
		expect(JSON.stringify(body.data)).toBe(JSON.stringify(unknown.body.data).replaceAll(NOBODYS, id));
		expect(before.code).toBe("OK");
		expect((await read()).body.data).toEqual(before.data);
	});
});
