import { ulid } from "ulid";
import type { FactsTransport } from "../../../infrastructure/facts/transport";
import type * as ReplModule from "../../../repl/repl";
import { call } from "../../../schemas/registry";
import { startShop, type Reply, type Shop } from "../../support/shop";
import { openFactsWithoutRetries } from "../../support/facts-without-retries";
import { until } from "../../support/until";

type Letter = { id: string; payload: { userId: string } };
let shop: Shop;
let admin: string;
/** Users whose fact the listener has handled. */
const handled: string[] = [];
const failingUsers = new Set<string>();
let facts: FactsTransport;
beforeAll(async () => {
	shop = await startShop();
	admin = await shop.asAdmin();
	facts = openFactsWithoutRetries(shop);
	await facts.consume({
		group: "listener",
		event: "user.registered",
		async handle({ payload }) {
			const userId = String(payload["userId"]);
			if (failingUsers.has(userId)) throw new Error(`Failed for ${userId}`);
			handled.push(userId);
		}
	});
});
afterAll(async () => {
	await facts.close();
	await shop.stop();
});

const list = async (query = ""): Promise<{ items: Letter[]; total: number }> =>
	(await shop.http("GET", `/admin/dead-letters${query}`, { token: admin })).body.data;
const act = (id: string, what: string, token?: string): Promise<Reply> =>
	shop.http("POST", `/admin/dead-letters/${id}/${what}`, { ...(token && { token }) });

/** Publishes a fact about a user for whom the listener fails, and waits for the dead letter. */
async function aDeadLetter(userId = ulid()): Promise<Letter> {
	failingUsers.add(userId);
	await facts.publish([{ id: ulid(), event: "user.registered", payload: { userId }, at: new Date() }]);
	return until("the dead letter", async () =>
		(await list()).items.find(({ payload }) => payload.userId === userId)
	);
}

it("lists dead letters, newest first", async () => {
	const [first, second] = [await aDeadLetter(), await aDeadLetter()];

	const { status, body } = await shop.http("GET", "/admin/dead-letters?page=1&pageSize=1", {
		token: admin
	});

	expect(status).toBe(200);
	expect(body.data).toMatchObject({ page: 1, pageSize: 1 });
	expect(body.data.total).toBeGreaterThanOrEqual(2);
	expect(body.data.items).toEqual([
		{
			id: second.id,
			event: "user.registered",
			consumer: "listener",
			payload: second.payload,
			error: `Failed for ${second.payload.userId}`,
			attempts: 1,
			at: expect.stringMatching(/^\d{4}-.*Z$/),
			factId: expect.any(String)
		}
	]);
	expect((await list("?page=2&pageSize=1")).items[0]?.id).toBe(first.id);
});

it("has the fact handled again once the consumer works", async () => {
	const { id, payload } = await aDeadLetter();
	failingUsers.delete(payload.userId);

	const { status } = await act(id, "replay", admin);

	expect(status).toBe(200);
	await until("it is handled", () => handled.includes(payload.userId));
	expect((await list()).items.map(letter => letter.id)).not.toContain(id);
	expect((await act(id, "replay", admin)).status).toBe(404);
});

it("discards a dead letter for good", async () => {
	const { id, payload } = await aDeadLetter();
	failingUsers.delete(payload.userId);

	const { status } = await act(id, "discard", admin);

	expect(status).toBe(200);
	expect((await act(id, "discard", admin)).body.code).toBe("NOT_FOUND");
	expect((await act(id, "replay", admin)).body.code).toBe("NOT_FOUND");
	expect(handled).not.toContain(payload.userId);
});

it("is for admins only, and validates its parameters", async () => {
	const customer = await shop.asUser();
	const { id } = await aDeadLetter();

	for (const [method, path] of [
		["GET", "/admin/dead-letters"],
		["POST", `/admin/dead-letters/${id}/replay`],
		["POST", `/admin/dead-letters/${id}/discard`]
	] as const) {
		expect((await shop.http(method, path)).status).toBe(401);
		expect((await shop.http(method, path, { token: customer })).status).toBe(403);
	}
	expect((await shop.http("GET", "/admin/dead-letters?page=0", { token: admin })).status).toBe(400);
	expect((await list()).items.map(letter => letter.id)).toContain(id);
});

it("reports the backlog of each consumer", async () => {
	const lags = await call(shop.broker, "deadLetters.lag", {});

	expect(lags).toContainEqual({
		consumer: "carts",
		event: "order.created",
		pending: 0,
		oldestAt: null
	});
});

describe("in the REPL", () => {
	/** Runs the command and returns its output. */
	async function printed(command: string, args: object = {}): Promise<string> {
		const { replCommands } = require("../../../repl/repl") as typeof ReplModule;
		const write = jest.spyOn(process.stdout, "write").mockReturnValue(true);
		try {
			await replCommands.find(one => one.command === command)?.action(shop.broker, args);
			return write.mock.calls.map(([text]) => String(text)).join("");
		} finally {
			write.mockRestore();
		}
	}

	it("lists dead letters with `dead` and replays one with `redrive`", async () => {
		const { id, payload } = await aDeadLetter();
		const shown = await printed("dead");
		failingUsers.delete(payload.userId);

		await printed("redrive <id>", { id });

		await until("it is handled", () => handled.includes(payload.userId));
		expect(shown).toMatch(
			new RegExp(`${id} .* user.registered at listener .*Failed for ${payload.userId}`)
		);
		expect(await printed("dead")).not.toContain(id);
	});

	it("shows unpublished and unhandled facts with `outbox`", async () => {
		const stop = await facts.consume({
			group: "absent",
			event: "user.registered",
			handle: async () => {}
		});
		await stop();
		await facts.publish([
			{ id: ulid(), event: "user.registered", payload: { userId: "u" }, at: new Date() }
		]);

		const shown = await printed("outbox");

		expect(shown).toMatch(/absent +has yet to handle \d+ of user.registered, the oldest from \d{4}-/);
	});
});
