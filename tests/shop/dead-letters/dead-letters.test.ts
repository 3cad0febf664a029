import { ulid } from "ulid";
import type { FactsTransport } from "../../../infrastructure/facts/transport";
import type * as ReplModule from "../../../repl/repl";
import { call } from "../../../schemas/registry";
import { startShop, type Reply, type Shop } from "../../support/shop";
import { impatientFacts } from "../../support/impatient-facts";
import { until } from "../../support/until";

type Letter = { id: string; payload: { userId: string } };
let shop: Shop;
let admin: string;
/** Users whose news the listener has handled. */
const handled: string[] = [];
const ill = new Set<string>();
let facts: FactsTransport;
beforeAll(async () => {
	shop = await startShop();
	admin = await shop.asAdmin();
	facts = impatientFacts(shop);
	await facts.consume({
		group: "listener",
		event: "user.registered",
		async handle({ payload }) {
			const userId = String(payload["userId"]);
			if (ill.has(userId)) throw new Error(`Choked on ${userId}`);
			handled.push(userId);
		}
	});
}, 30_000);
afterAll(async () => {
	await facts.close();
	await shop.stop();
});

const list = async (query = ""): Promise<{ items: Letter[]; total: number }> =>
	(await shop.http("GET", `/admin/dead-letters${query}`, { token: admin })).body.data;
const act = (id: string, what: string, token?: string): Promise<Reply> =>
	shop.http("POST", `/admin/dead-letters/${id}/${what}`, { ...(token && { token }) });

/** Tells of a user whom the listener chokes on, and waits until it has given up. */
async function aDeadLetter(userId = ulid()): Promise<Letter> {
	ill.add(userId);
	await facts.publish([{ id: ulid(), event: "user.registered", payload: { userId }, at: new Date() }]);
	return until("the listener gives up", async () =>
		(await list()).items.find(({ payload }) => payload.userId === userId)
	);
}

it("lists what a consumer gave up on, newest first", async () => {
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
			error: `Choked on ${second.payload.userId}`,
			attempts: 1,
			at: expect.stringMatching(/^\d{4}-.*Z$/),
			factId: expect.any(String)
		}
	]);
	expect((await list("?page=2&pageSize=1")).items[0]?.id).toBe(first.id);
});

it("has it handled again once the consumer is healed", async () => {
	const { id, payload } = await aDeadLetter();
	ill.delete(payload.userId);

	const { status } = await act(id, "replay", admin);

	expect(status).toBe(200);
	await until("it is handled", () => handled.includes(payload.userId));
	expect((await list()).items.map(letter => letter.id)).not.toContain(id);
	expect((await act(id, "replay", admin)).status).toBe(404);
});

it("gives one up for good", async () => {
	const { id, payload } = await aDeadLetter();
	ill.delete(payload.userId);

	const { status } = await act(id, "discard", admin);

	expect(status).toBe(200);
	expect((await act(id, "discard", admin)).body.code).toBe("NOT_FOUND");
	expect((await act(id, "replay", admin)).body.code).toBe("NOT_FOUND");
	expect(handled).not.toContain(payload.userId);
});

it("is for admins only, and checks what it is asked", async () => {
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

it("tells what each consumer has yet to do", async () => {
	const lags = await call(shop.broker, "deadLetters.lag", {});

	expect(lags).toContainEqual({
		consumer: "carts",
		event: "order.created",
		pending: 0,
		oldestAt: null
	});
});

describe("in the REPL", () => {
	/** What the command prints. */
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

	it("dead and redrive show a letter and have it handled again", async () => {
		const { id, payload } = await aDeadLetter();
		const shown = await printed("dead");
		ill.delete(payload.userId);

		await printed("redrive <id>", { id });

		await until("it is handled", () => handled.includes(payload.userId));
		expect(shown).toMatch(
			new RegExp(`${id} .* user.registered at listener .*Choked on ${payload.userId}`)
		);
		expect(await printed("dead")).not.toContain(id);
	});

	it("outbox shows what is on its way", async () => {
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

		expect(shown).toMatch(/absent +has yet to handle \d+ of user.registered, the oldest of \d{4}-/);
	});
});
