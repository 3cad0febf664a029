import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Shop } from "../../support/shop";
import { login, registerPerson, newPhone, outcomeOf, startAccounts } from "../../support/people";
import { ROOT, RUN_TYPESCRIPT } from "../../support/root";

let shop: Shop;
beforeAll(async () => {
	shop = await startAccounts({ DEMO: "off" });
});
afterAll(() => shop.stop());

type Ended = { code: number | string; printed: string; complained: string };
/** Runs `npm run grant` as a process on the data of the running shop. */
const grant = (words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
	new Promise<Ended>(resolve =>
		execFile(
			process.execPath,
			[...RUN_TYPESCRIPT, "scripts/grant.ts", ...words],
			{ cwd: ROOT, env: { ...process.env, ...env } },
			(err, printed, complained) => resolve({ code: err?.code ?? 0, printed, complained })
		)
	);

it("makes a registered user an administrator while the shop runs, and records the operator", async () => {
	const { phone, user } = await registerPerson(shop);

	const granted = await grant([phone, "admin"]);

	expect(granted).toMatchObject({ code: 0, printed: expect.stringMatching(/: customer, admin\n$/) });
	const { body } = await login(shop, phone);
	const token = body.data.accessToken;
	const log = await shop.http("GET", "/admin/audit-log?what=users.setRoles", { token });
	expect(body.data.user.roles).toEqual(["customer", "admin"]);
	expect(log.body.data.items).toEqual([
		expect.objectContaining({
			by: null,
			outcome: "OK",
			params: { id: user.id, roles: ["customer", "admin"], operator: expect.stringContaining("@") }
		})
	]);
	expect((await grant([phone, "admin"])).printed).toContain("already");
});

it("refuses what it can't do with one line", async () => {
	const nobody = newPhone();
	const empty = mkdtempSync(join(tmpdir(), "zjmall-"));

	const refused = await Promise.all([
		grant([nobody, "admin"]),
		grant([nobody, "king"]),
		grant([]),
		grant([nobody, "admin"], { DATA_DIR: empty, NATS_URL: "", MONGO_URL: "", REDIS_URL: "" })
	]);

	expect(refused.map(({ code, printed }) => [code, printed])).toEqual(refused.map(() => [1, ""]));
	expect(refused.map(({ complained }) => complained)).toEqual([
		expect.stringMatching(/^136\*{4}\d{4} has no account.*\n$/),
		expect.stringMatching(/^Usage: npm run grant -- .*\n$/),
		expect.stringMatching(/^Usage: npm run grant -- .*\n$/),
		expect.stringMatching(/^There is no shop in .*\n$/)
	]);
	rmSync(empty, { recursive: true });
});

it("brings no demo accounts into a shop that has none", async () => {
	const { phone } = await registerPerson(shop);

	const granted = await grant([phone, "support"], { DEMO: "on" });

	expect(granted.code).toBe(0);
	expect(outcomeOf(await login(shop, "13800000000", "Mall-admin-1"))).toBe("401 BAD_CREDENTIALS");
});
