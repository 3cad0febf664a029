import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AuditContext } from "../../../services/audit/audit.context";
import type { Shop } from "../../support/shop";
import { login, registerPerson, newPhone, outcomeOf, requestCode, startAccounts } from "../../support/people";
import { ROOT, RUN_TYPESCRIPT } from "../../support/root";

let shop: Shop;
beforeAll(async () => {
	shop = await startAccounts({ DEMO: "off" });
});
afterAll(() => shop.stop());

type Ended = { code: number | string; printed: string; complained: string };
/** Runs a command as a process on the data of the running shop, with `typed` on its standard input. */
const run = (script: string, words: readonly string[], env: Readonly<Record<string, string>>, typed = "") =>
	new Promise<Ended>(resolve => {
		const { stdin } = execFile(
			process.execPath,
			[...RUN_TYPESCRIPT, script, ...words],
			{ cwd: ROOT, env: { ...process.env, ...env } },
			(err, printed, complained) => resolve({ code: err?.code ?? 0, printed, complained })
		);
		stdin?.end(typed);
	});
const grant = (words: readonly string[], env: Readonly<Record<string, string>> = {}, typed = "") =>
	run("scripts/grant.ts", words, env, typed);

it("makes a registered user an administrator while the shop runs, and records the operator", async () => {
	const { phone, user } = await registerPerson(shop);

	const granted = await grant([phone, "admin"]);

	expect(granted).toMatchObject({ code: 0, printed: expect.stringMatching(/: customer, admin\n$/) });
	const { body } = await login(shop, phone);
	const token = body.data.accessToken;
	const log = await shop.http("GET", "/admin/audit-log?action=users.setRoles", { token });
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

it("opens an account with the password of its standard input, or with one that is shown once", async () => {
	const [chosen, generated] = [newPhone(), newPhone()];

	const created = await Promise.all([
		grant(["--create", chosen, "admin"], {}, "Oolong-for-two-7\n"),
		grant(["--create", generated, "support"])
	]);

	const [, shown = ""] = /shown once\): (\S+)\n/.exec(created[1].printed) ?? [];
	expect(created.map(({ code }) => code)).toEqual([0, 0]);
	expect(created[0].printed).toMatch(/^136\*{4}\d{4}: customer, admin\n$/);
	expect((await login(shop, chosen, "Oolong-for-two-7")).body.data.user.roles).toContain("admin");
	expect((await login(shop, generated, shown)).body.data.user.roles).toContain("support");
	const token = await shop.signIn(chosen, "Oolong-for-two-7");
	const change = { oldPassword: "Oolong-for-two-7", newPassword: "Tea-and-rice-9" };
	const changed = await shop.http("PUT", "/me/password", { token, body: change });
	const smsCode = await requestCode(shop, chosen, "reset");
	const reset = await shop.http("POST", "/auth/reset-password", {
		body: { phone: chosen, smsCode, password: "Tea-and-rice-9" }
	});
	expect([changed, reset].map(({ body }) => body.data[0]?.message)).toEqual(
		Array(2).fill("至少 15 个字符")
	);
});

it("refuses to open a second account for a phone, or one with a weak password", async () => {
	const { phone } = await registerPerson(shop);

	const refused = await Promise.all([
		grant(["--create", phone, "admin"], {}, "Oolong-for-two-7"),
		grant(["--create", newPhone(), "admin"], {}, "password1")
	]);

	expect(refused.map(({ code, printed }) => [code, printed])).toEqual(refused.map(() => [1, ""]));
	expect(refused[0].complained).toContain("has an account already");
	expect(refused[1].complained).toContain("password: is one of the most common passwords");
	expect(outcomeOf(await login(shop, phone, "Oolong-for-two-7"))).toBe("401 BAD_CREDENTIALS");
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

	expect(refused.map(({ code, printed }) => [code, printed])).toEqual([1, 1, 1, 2].map(code => [code, ""]));
	expect(refused.map(({ complained }) => complained)).toEqual([
		expect.stringMatching(/^136\*{4}\d{4} has no account.*\n$/),
		expect.stringMatching(/^Usage: npm run grant -- .*\n$/),
		expect.stringMatching(/^Usage: npm run grant -- .*\n$/),
		expect.stringMatching(/there is no shop in .*\n$/)
	]);
	rmSync(empty, { recursive: true });
});

it("brings no demo accounts into a shop that has none", async () => {
	const { phone } = await registerPerson(shop);

	const granted = await grant([phone, "support"], { DEMO: "on" });

	expect(granted.code).toBe(0);
	expect(outcomeOf(await login(shop, "13800000000", "Mall-admin-1"))).toBe("401 BAD_CREDENTIALS");
});

it("verifies the audit log of the running shop, and names the first entry that somebody changed", async () => {
	const verify = () => run("scripts/audit-verify.ts", [], {});
	const audit = shop.broker.getLocalService("audit") as unknown as AuditContext;
	const whole = await verify();
	await audit.entries.change({ _id: "000000000001" }, { $set: { by: "somebody" } });

	const broken = await verify();

	expect(whole).toMatchObject({
		code: 0,
		printed: expect.stringMatching(/^The audit log is whole: \d+ entries/)
	});
	expect(broken).toMatchObject({
		code: 1,
		complained: expect.stringMatching(
			/^The audit log is broken at 000000000001: it was changed\. [^\n]+\n$/
		)
	});
});
