import { ROLES, type Role } from "../../schemas/kit/contract";
import { aSku, StaffClient, unique } from "../support/builders";
import { startShop, type Reply, type Shop } from "../support/shop";
import { Shopper } from "../support/shopper";
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
}, 60_000);
afterAll(() => shop.stop());

const send = (route: PublishedRoute, token?: string): Promise<Reply> =>
	shop.http(route.http.method, fillPath(route), {
		key: unique("key-"),
		...(token !== undefined && { token }),
		...(!/GET|DELETE/.test(route.http.method) && { body: {} })
	});
const NO_ENTRY = ["UNAUTHORIZED", "TOKEN_EXPIRED", "FORBIDDEN", "ACCOUNT_DISABLED"];
/** Let in, to whatever the action then says. Raw routes speak for themselves. */
const letIn = ({ http }: PublishedRoute, { status, body }: Reply) => {
	expect(status).toBeLessThan(500);
	if (!http.raw) expect(NO_ENTRY).not.toContain(body.code);
};
const refused = ({ status, body }: Reply, as: number, code: string) =>
	expect([status, body.code, body.data]).toEqual([as, code, null]);

const all = PUBLISHED_ROUTES.map(route => [route.route, route] as const);
const open = all.filter(([, { http }]) => http.policy === "public");
const guest = all.filter(([, { http }]) => http.policy === "guest");
const own = all.filter(([, { http }]) => http.policy === "user");
const staff = all.filter(([, { http }]) => typeof http.policy !== "string");

it("is one of four for every route", () => {
	expect(open.length + guest.length + own.length + staff.length).toBe(all.length);
	expect(staff.length).toBeGreaterThan(20);
});

it.each(all.filter(([path]) => path.includes(" /admin/")))("of %s names roles", (_, { http }) => {
	expect(Array.isArray(http.policy)).toBe(true);
});

describe("to a stranger", () => {
	it.each([...open, ...guest])("%s is open", async (_, route) => letIn(route, await send(route)));
	it.each([...own, ...staff])("%s is closed", async (_, route) =>
		refused(await send(route), 401, "UNAUTHORIZED")
	);
});

describe("with a token that is none", () => {
	it.each(open)("%s is open", async (_, route) => letIn(route, await send(route, "not-a-token")));
	it.each([...guest, ...own, ...staff])("%s is closed", async (_, route) =>
		refused(await send(route, "eyJhbGciOiJub25lIn0.e30."), 401, "UNAUTHORIZED")
	);
});

describe("to a disabled user, whose token has not run out", () => {
	it.each([...guest, ...own, ...staff])("%s is closed", async (_, route) => {
		const { status, body } = await send(route, disabled);

		expect(["401 UNAUTHORIZED", "403 ACCOUNT_DISABLED"]).toContain(`${status} ${body.code}`);
	});
});

describe("to a customer", () => {
	it.each([...guest, ...own])("%s is open", async (_, route) =>
		letIn(route, await send(route, tokens.get("customer")))
	);
	it.each(staff)("%s is closed", async (_, route) =>
		refused(await send(route, tokens.get("customer")), 403, "FORBIDDEN")
	);
});

describe.each(["merchandiser", "warehouse", "support", "admin"] as const)("to the role %s", role => {
	it.each(staff)("%s is open if it names it", async (_, route) => {
		const reply = await send(route, tokens.get(role));

		if (role === "admin" || route.http.policy.includes(role)) letIn(route, reply);
		else refused(reply, 403, "FORBIDDEN");
	});
});

describe("what belongs to another user", () => {
	/** An object of the owner's, by the path it stands under. */
	const OBJECTS: Readonly<Record<string, () => Promise<string>>> = {
		"/orders": async () => (await owner.order(await aSkuInStock())).id,
		"/payments": async () => (await owner.createPayment((await owner.order(await aSkuInStock())).id)).id,
		"/me/addresses": () => owner.address()
	};
	const aSkuInStock = async () => {
		const { skus } = await admin.addProductOnShelf({ skus: [aSku()] });
		await admin.addStock(skus[0].id, 5);
		return skus[0].id as string;
	};
	const NOBODYS = "01BX5ZZKBKACTAV9WEVGEMMVRZ";
	const withParameter = own.filter(([, { http }]) => /:\w+/.test(http.path));

	it.each(withParameter)("is not there at %s", async (_, route) => {
		const [under = ""] = route.http.path.split("/:");
		const id = await OBJECTS[under]?.();
		if (id === undefined) throw new Error(`Say in OBJECTS how to make what ${under} holds`);
		const before = (await owner.send("GET", `${under}/${id}`)).body;
		const stranger = new Shopper(shop, tokens.get("customer")!);
		const { method } = route.http;

		const attempt = (what: string) =>
			stranger.send(
				method,
				fillPath(route, () => what),
				/GET|DELETE/.test(method) ? undefined : {}
			);

		const { status, body } = await attempt(id);
		const unknown = await attempt(NOBODYS);

		expect([status, body.code]).toEqual([404, "NOT_FOUND"]);
		expect(JSON.stringify(body.data)).toBe(JSON.stringify(unknown.body.data).replaceAll(NOBODYS, id));
		expect(before.code).toBe("OK");
		expect((await owner.send("GET", `${under}/${id}`)).body.data).toEqual(before.data);
	});
});
