import { Errors, type ServiceSchema } from "moleculer";
import { startShop, type Shop } from "../../support/shop";

let shop: Shop;
let token: string;
beforeAll(async () => {
	shop = await startShop({ REQUEST_TIMEOUT_MS: "3000" });
	token = await shop.asAdmin();
});
afterAll(() => shop.stop());

/** Replaces the tags service by one with these actions. */
async function tagsThat(actions: NonNullable<ServiceSchema["actions"]>): Promise<void> {
	const present = shop.broker.getLocalService("tags");
	await shop.broker.destroyService(present);
	shop.broker.createService({ name: "tags", actions });
	await shop.broker.waitForServices("tags");
}
const list = () => shop.http("GET", "/admin/tags", { token, headers: { "Accept-Language": "en" } });

it.each([
	["a plain error", new Error("connect ECONNREFUSED mongodb://mall:secret@10.0.0.5/mall")],
	[
		"an error of a database",
		Object.assign(new Error("E11000 dup key: { secret }"), { code: 11000, name: "secret" })
	],
	[
		"an error with a status of its own",
		Object.assign(new Error("secret"), { code: 418, type: "SECRET", data: { secret: 1 } })
	]
])("tells nothing of %s", async (_, err) => {
	await tagsThat({
		list() {
			throw err;
		}
	});

	const { status, body, headers } = await list();

	expect([status, body]).toEqual([
		500,
		{
			code: "INTERNAL_ERROR",
			message: "Internal error",
			data: null,
			requestId: headers.get("x-request-id")
		}
	]);
	expect(JSON.stringify([body, [...headers]])).not.toMatch(/secret|stack|at /);
});

it("answers 500 for a validation error of an inner call", async () => {
	await tagsThat({ list: ctx => ctx.call("products.get", { id: 5 }) });

	expect(await list()).toMatchObject({ status: 500, body: { code: "INTERNAL_ERROR", data: null } });
});

it("cuts an answer to its contract", async () => {
	const tag = {
		id: "1",
		name: "n",
		color: null,
		createdAt: "2026-01-31T08:00:00Z",
		updatedAt: "2026-01-31T08:00:00Z"
	};
	await tagsThat({
		list: () => ({
			items: [{ ...tag, passwordHash: "secret" }],
			page: 1,
			pageSize: 20,
			total: 1,
			secret: 1
		})
	});

	expect((await list()).body.data).toEqual({ items: [tag], page: 1, pageSize: 20, total: 1 });
});

it("says that the outcome is unknown when an action takes too long, and no more", async () => {
	const { promise, resolve } = Promise.withResolvers<null>();
	await tagsThat({ list: () => promise });

	const { status, body } = await list();
	resolve(null);

	expect([status, body.code, body.data]).toEqual([504, "REQUEST_TIMEOUT", null]);
});

it("retries a read that failed temporarily, until the deadline", async () => {
	const away = () => Promise.reject(new Errors.ServiceNotAvailableError({ action: "tags.list" }));
	const there = () => Promise.resolve({ items: [], page: 1, pageSize: 20, total: 0 });
	const asked = jest.fn(there).mockImplementationOnce(away).mockImplementationOnce(away);
	await tagsThat({ list: asked });

	const { status, body } = await list();

	expect([status, body.data.total, asked.mock.calls.length]).toEqual([200, 0, 3]);
});

it("retries nothing after the deadline, when the outcome is unknown", async () => {
	const lost = Promise.withResolvers<object>();
	const asked = jest.fn(() => lost.promise);
	await tagsThat({ list: asked, create: asked });

	const read = await list();
	const written = await shop.http("POST", "/admin/tags", { token, body: { name: "n" } });
	lost.resolve({});

	expect([read.status, written.status, written.body.code]).toEqual([504, 504, "REQUEST_TIMEOUT"]);
	expect(asked).toHaveBeenCalledTimes(2);
});

it("answers 503 while the auth service is missing", async () => {
	await shop.broker.destroyService(shop.broker.getLocalService("auth"));

	const { status, body, headers } = await shop.http("GET", "/me", { token });

	expect([status, body.code, headers.get("retry-after")]).toEqual([503, "SERVICE_UNAVAILABLE", "1"]);
});
