import type { Store } from "../../../mixins/store.mixin";
import type { AuditEntry } from "../../../schemas/audit.contract";
import { call } from "../../../schemas/registry";
import type { AuditContext } from "../../../services/audit/audit.context";
import { removeOldEntries } from "../../../services/audit/remove-old-entries";
import { DAY_MS } from "../../../schemas/values/durations";
import type { Session } from "../../../services/auth/session.domain";
import { until } from "../../support/until";
import type { Shop } from "../../support/shop";
import {
	requestCode,
	login,
	registerPerson,
	PASSWORD,
	refresh,
	outcomeOf,
	startAccounts,
	times
} from "../../support/people";

let shop: Shop;
let admin: string;
beforeAll(async () => {
	shop = await startAccounts();
	admin = await shop.asAdmin();
});
afterAll(() => shop.stop());

const get = (path: string, token = admin) => shop.http("GET", path, { token });
const put = (path: string, body: object, token = admin) => shop.http("PUT", path, { token, body });
const me = (token: string) => shop.http("GET", "/me", { token });
const adminId = async () => (await me(admin)).body.data.id as string;

describe("the list of users", () => {
	it("is found by phone, nickname, status and role, newest first", async () => {
		const [one, other] = [await registerPerson(shop), await registerPerson(shop)];
		await shop.http("PATCH", "/me", { token: one.accessToken, body: { nickname: "独一无二的人" } });
		await put(`/admin/users/${other.user.id}/status`, { status: "disabled" });
		const ids = async (query: string) =>
			(await get(`/admin/users?${query}`)).body.data.items.map(({ id }: { id: string }) => id);

		expect(await ids(`q=${one.phone}`)).toEqual([one.user.id]);
		expect(await ids(`q=${encodeURIComponent("独一无")}`)).toEqual([one.user.id]);
		expect(await ids(`q=${other.phone}&status=active`)).toEqual([]);
		expect(await ids("status=disabled")).toContain(other.user.id);
		expect(await ids("role=admin")).toEqual([await adminId()]);
		expect((await ids("")).slice(0, 2)).toEqual([other.user.id, one.user.id]);
		expect(await ids("q=.*")).toEqual([]);
	});

	it("is found by a nickname however it is typed, also where that is a number", async () => {
		const people = await Promise.all(times(3, () => registerPerson(shop)));
		const nicknames = ["0070815", "阿强😀 Ａｂ", "café Ñandú"];
		for (const [i, nickname] of nicknames.entries())
			await shop.http("PATCH", "/me", { token: people[i]?.accessToken ?? "", body: { nickname } });
		const found = async (q: string) =>
			(await get(`/admin/users?q=${encodeURIComponent(q)}`)).body.data.items.map(
				({ nickname }: { nickname: string }) => nickname
			);

		for (const q of ["00708", "００７０８１５"]) expect(await found(q)).toEqual([nicknames[0]]);
		for (const q of ["阿强", "阿强😀", "阿强😀ab", "阿\u200b强"])
			expect(await found(q)).toEqual([nicknames[1]]);
		for (const q of ["CAFE\u0301", "café  ñ"]) expect(await found(q)).toEqual([nicknames[2]]);
		expect(await found("强")).toEqual([]);
	});

	it("is found by a phone however it is typed, with the nicknames that begin so", async () => {
		const [one, other] = [await registerPerson(shop), await registerPerson(shop)];
		const { phone } = one;
		await shop.http("PATCH", "/me", { token: other.accessToken, body: { nickname: `${phone}的朋友` } });
		const ids = async (q: string) =>
			(await get(`/admin/users?q=${encodeURIComponent(q)}`)).body.data.items.map(
				({ id }: { id: string }) => id
			);

		const both = [other.user.id, one.user.id];
		expect(await ids(phone)).toEqual(both);
		expect(await ids(`+86 ${phone.slice(0, 3)}-${phone.slice(3, 7)}-${phone.slice(7)}`)).toEqual([
			one.user.id
		]);
		expect(await ids(`${phone}的`)).toEqual([other.user.id]);
	});

	it("comes in pages", async () => {
		await Promise.all(times(3, () => registerPerson(shop)));

		const first = (await get("/admin/users?pageSize=2")).body.data;
		const second = (await get(`/admin/users?pageSize=2&cursor=${first.nextCursor}`)).body.data;
		const byNumber = (await get("/admin/users?pageSize=2&page=2")).body.data;

		expect(first).toMatchObject({ page: 1, pageSize: 2, total: expect.any(Number) });
		expect(second.items).toEqual(byNumber.items);
	});

	it("hides the middle of a phone from staff too, and every secret", async () => {
		const { user, phone } = await registerPerson(shop);

		const reply = await get(`/admin/users/${user.id}`);

		expect(reply.body.data).toEqual(user);
		expect(JSON.stringify(reply.body)).not.toMatch(new RegExp(`${phone}|argon2|epoch`));
	});

	it("is for administrators", async () => {
		const { accessToken, user } = await registerPerson(shop);

		const replies = [
			await get("/admin/users", accessToken),
			await get(`/admin/users/${user.id}`, accessToken),
			await put(`/admin/users/${user.id}/roles`, { roles: ["admin"] }, accessToken),
			await put(`/admin/users/${user.id}/status`, { status: "active" }, accessToken),
			await get("/admin/audit-log", accessToken)
		];

		expect(replies.map(outcomeOf)).toEqual(Array(5).fill("403 FORBIDDEN"));
	});

	it("answers 404 for an unknown id", async () => {
		const replies = [
			await get("/admin/users/nobody"),
			await put("/admin/users/nobody/status", { status: "disabled" }),
			await put("/admin/users/nobody/roles", { roles: ["customer"] })
		];

		expect(replies.map(outcomeOf)).toEqual(Array(3).fill("404 NOT_FOUND"));
	});
});

describe("disabling a user", () => {
	it("ends the sessions at once and lets nobody in until enabled again", async () => {
		const person = await registerPerson(shop);

		const disabled = await put(`/admin/users/${person.user.id}/status`, { status: "disabled" });

		expect(disabled.body.data.status).toBe("disabled");
		const refused = [
			await me(person.accessToken),
			await refresh(shop, person.refreshToken),
			await login(shop, person.phone),
			await login(shop, person.phone, "Not-the-one-1")
		];
		expect(refused.map(outcomeOf)).toEqual([
			"403 ACCOUNT_DISABLED",
			"403 ACCOUNT_DISABLED",
			"403 ACCOUNT_DISABLED",
			"401 BAD_CREDENTIALS"
		]);
		await put(`/admin/users/${person.user.id}/status`, { status: "active" });
		const after = [await login(shop, person.phone), await me(person.accessToken)];
		expect(after.map(outcomeOf)).toEqual(["200 OK", "401 UNAUTHORIZED"]);
	});

	it("may be repeated", async () => {
		const { user } = await registerPerson(shop);
		const disable = () => put(`/admin/users/${user.id}/status`, { status: "disabled" });

		const replies = await Promise.all(times(5, disable));

		expect(replies.map(outcomeOf)).toEqual(Array(5).fill("200 OK"));
	});
});

describe("roles", () => {
	it("apply from the next session on, and end the present ones", async () => {
		const person = await registerPerson(shop);

		const changed = await put(`/admin/users/${person.user.id}/roles`, { roles: ["support", "customer"] });

		expect(changed.body.data.roles).toEqual(["customer", "support"]);
		expect(outcomeOf(await me(person.accessToken))).toBe("401 UNAUTHORIZED");
		const { accessToken, user } = (await login(shop, person.phone)).body.data;
		expect(user.roles).toEqual(["customer", "support"]);
		expect(outcomeOf(await get("/admin/users", accessToken))).toBe("403 FORBIDDEN");
	});

	it("that stay the same end no session", async () => {
		const person = await registerPerson(shop);

		await put(`/admin/users/${person.user.id}/roles`, { roles: ["customer"] });

		expect(outcomeOf(await me(person.accessToken))).toBe("200 OK");
	});

	it.each([[[]], [["king"]], [["admin", "admin"]], ["admin"], [null]])("are never %j", async roles => {
		const { user } = await registerPerson(shop);

		const reply = await put(`/admin/users/${user.id}/roles`, { roles });

		expect(outcomeOf(reply)).toBe("400 VALIDATION_ERROR");
	});

	it("always leave one administrator, also with concurrent changes", async () => {
		const id = await adminId();
		const alone = [
			await put(`/admin/users/${id}/roles`, { roles: ["customer"] }),
			await put(`/admin/users/${id}/status`, { status: "disabled" })
		];
		const { user, phone } = await registerPerson(shop);
		await put(`/admin/users/${user.id}/roles`, { roles: ["admin"] });
		const second = (await login(shop, phone)).body.data.accessToken;

		await Promise.all([
			put(`/admin/users/${id}/roles`, { roles: ["customer"] }, second),
			put(`/admin/users/${user.id}/roles`, { roles: ["customer"] }),
			put(`/admin/users/${user.id}/status`, { status: "disabled" })
		]);

		expect(alone.map(outcomeOf)).toEqual(["409 LAST_ONE", "409 LAST_ONE"]);
		const stays = await call(shop.broker, "users.list", { role: "admin", status: "active" });
		expect(stays.total).toBe(1);
		if (stays.items[0]?.id === user.id) {
			const { accessToken } = (await login(shop, phone)).body.data;
			await put(`/admin/users/${id}/roles`, { roles: ["admin"] }, accessToken);
		}
		admin = await shop.asAdmin();
	});
});

describe("facts", () => {
	it("mark the sessions of a disabled user as over, each with the reason", async () => {
		const { user } = await registerPerson(shop);
		const auth = shop.broker.getLocalService("auth") as unknown as { sessions: Store<Session> };
		const ended = () => auth.sessions.find({ userId: user.id, ended: "account" });
		const before = await ended();

		await put(`/admin/users/${user.id}/status`, { status: "disabled" });

		const after = await until("the session is marked", async () => (await ended())[0]);
		expect(before).toEqual([]);
		expect(after.expiresAt.getTime()).toBeLessThanOrEqual(Date.now());
	});
});

describe("the audit log", () => {
	const entries = async (query: string) => (await get(`/admin/audit-log?${query}`)).body.data.items;

	it("records who did what to whom, from where, with which outcome, and no secret", async () => {
		const { user } = await registerPerson(shop);
		await put(`/admin/users/${user.id}/roles`, { roles: ["support"] });
		await put("/admin/users/nobody/status", { status: "disabled" });

		const [failed] = await entries("action=users.setStatus");
		const [done] = await entries("action=users.setRoles");

		expect(done).toMatchObject({
			action: "users.setRoles",
			roles: "admin",
			params: { id: user.id, roles: ["support"] },
			outcome: "OK",
			ip: "127.0.0.1",
			by: expect.any(String),
			requestId: expect.any(String),
			at: expect.any(String),
			changes: { roles: { before: ["customer"], after: ["support"] } }
		});
		expect(failed).toMatchObject({ outcome: "NOT_FOUND", changes: null });
	});

	it("records which staff looked at the data of a person", async () => {
		const { user } = await registerPerson(shop);
		await get(`/admin/users/${user.id}`);

		const look = await until("the entry", async () =>
			(await entries("action=users.get")).find(({ params }: AuditEntry) => params["id"] === user.id)
		);

		expect(look).toMatchObject({ params: { id: user.id }, roles: "admin", outcome: "OK", changes: null });
	});

	it("records sign-ins and changes of credentials: who, from where, with which outcome", async () => {
		const { phone, user } = await registerPerson(shop);
		const wrong = { phone, password: "wrong-pass-1" };
		const since = new Date().toISOString();
		await shop.http("POST", "/auth/login", {
			body: wrong,
			headers: { "X-Request-Id": "request-of-a-guess" }
		});
		await shop.http("POST", "/auth/login", {
			body: { ...wrong, phone: "canary-12" }
		});
		const { accessToken: token } = (await login(shop, phone)).body.data;
		const changed = { oldPassword: PASSWORD, newPassword: "Other-rice-77" };
		await shop.http("PUT", "/me/password", { token, body: changed });
		const reset = { phone, smsCode: await requestCode(shop, phone, "reset"), password: PASSWORD };
		await shop.http("POST", "/auth/reset-password", { body: reset });
		for (let i = 0; i < 6; i++) await shop.http("POST", "/auth/login", { body: wrong });

		const told: AuditEntry[] = (await entries(`from=${since}&pageSize=50`)).toReversed();

		expect(told.map(({ action, by, outcome }) => [action, by, outcome])).toEqual([
			["auth.login", null, "BAD_CREDENTIALS"],
			["auth.login", null, "VALIDATION_ERROR"],
			["auth.login", user.id, "OK"],
			["auth.changePassword", user.id, "OK"],
			["auth.resetPassword", user.id, "OK"],
			...times(5, () => ["auth.login", null, "BAD_CREDENTIALS"]),
			["auth.login", null, "TOO_MANY_REQUESTS"]
		]);
		expect(told[0]).toMatchObject({
			params: { phone: `${phone.slice(0, 3)}****${phone.slice(-4)}`, password: "[hidden]" },
			ip: "127.0.0.1",
			requestId: "request-of-a-guess"
		});
		const kept = JSON.stringify(told);
		for (const secret of ["wrong-pass-1", PASSWORD, "Other-rice-77", "canary", phone, reset.smsCode])
			expect(kept).not.toContain(`"${secret}`);
	});

	it("records who was denied a staff route, reads too", async () => {
		const { accessToken: token, user } = await registerPerson(shop);

		const denied = [
			await shop.http("GET", "/admin/users/u1", { token }),
			await shop.http("PUT", "/admin/users/u1/roles", { token, body: { roles: ["admin"] } })
		];

		const told: AuditEntry[] = await until("both entries", async () => {
			const seen: AuditEntry[] = await entries(`by=${user.id}&pageSize=2`);
			return seen.length === 2 ? seen.toSorted((a, b) => a.action.localeCompare(b.action)) : null;
		});
		expect(denied.map(outcomeOf)).toEqual(["403 FORBIDDEN", "403 FORBIDDEN"]);
		expect(told.map(({ action, roles, params, outcome }) => [action, roles, params, outcome])).toEqual([
			["users.get", "customer", { id: "u1" }, "FORBIDDEN"],
			["users.setRoles", "customer", { id: "u1" }, "FORBIDDEN"]
		]);
	});

	it("stores no password, code, token or whole phone number", async () => {
		const params = {
			oldPassword: "canary-1",
			deep: { smsCode: "canary-2", list: [{ refreshToken: "canary-3" }] },
			phone: "+86 13812345678",
			note: "x".repeat(5000)
		};
		const nobody = { by: "canary", roles: null, ip: null, requestId: null };
		await call(shop.broker, "audit.record", { ...nobody, action: "a.b", outcome: "OK", params });

		const [entry] = await entries("by=canary");

		expect(JSON.stringify(entry)).not.toMatch(/canary-|13812345678/);
		expect(entry.params.note.length).toBeLessThan(600);
	});

	it("stays one chain when old entries are removed, and shows a beginning that somebody moved", async () => {
		const audit = shop.broker.getLocalService("audit") as unknown as AuditContext;
		const { user } = await registerPerson(shop);
		const late = new Date(Date.now() + 31 * DAY_MS);

		await removeOldEntries(audit, 30, late);
		await put(`/admin/users/${user.id}/roles`, { roles: ["support"] });
		await put(`/admin/users/${user.id}/roles`, { roles: ["customer"] });
		const whole = await call(shop.broker, "audit.verify", {});
		const [second] = await entries(`action=users.setRoles&pageSize=1`);
		const stored = await audit.entries.get(second.id);
		const start = await audit.starts.get("start");
		await audit.starts.change({ _id: "start" }, { $set: { lastId: stored._id, hash: stored.hash } });
		const moved = await call(shop.broker, "audit.verify", {});
		await audit.starts.change({ _id: "start" }, { $set: { lastId: start.lastId, hash: start.hash } });

		expect(whole).toMatchObject({ entries: 2, unkeyed: 0, brokenAt: null });
		expect(moved.brokenAt).toBe("start");
	});

	it("is one unbroken chain, also with concurrent entries, and shows tampering", async () => {
		const record = (i: number) =>
			call(shop.broker, "audit.record", {
				by: "crowd",
				roles: null,
				action: `test.${i}`,
				params: { i },
				outcome: "OK",
				ip: null,
				requestId: null
			});
		await Promise.all(times(50, record));
		const whole = await call(shop.broker, "audit.verify", {});
		const [victim] = await entries("action=test.20");
		const audit = shop.broker.getLocalService("audit") as unknown as AuditContext;

		const cutOff = await call(shop.broker, "audit.verify", {
			anchors: [{ id: "999999999999", hash: "x" }]
		});
		const other = await call(shop.broker, "audit.verify", { anchors: [{ id: victim.id, hash: "x" }] });
		const same = await call(shop.broker, "audit.verify", { anchors: whole.head ? [whole.head] : [] });
		await audit.entries.change({ _id: victim.id }, { $set: { outcome: "FORBIDDEN" } });
		const edited = await call(shop.broker, "audit.verify", {});
		await audit.entries.remove({ _id: victim.id });
		const removed = await call(shop.broker, "audit.verify", {});

		expect(whole.brokenAt).toBeNull();
		expect(whole.entries).toBeGreaterThanOrEqual(50);
		expect(edited.brokenAt).toBe(victim.id);
		expect(Number(removed.brokenAt)).toBe(Number(victim.id) + 1);
		expect([cutOff.brokenAt, other.brokenAt, same.brokenAt]).toEqual(["999999999999", victim.id, null]);
	});

	it("is filtered by time and comes in pages", async () => {
		const { user } = await registerPerson(shop);
		const nextMs = async (): Promise<Date> => {
			const before = Date.now();
			await until("a millisecond without entries", () => Date.now() > before + 1);
			return new Date(before + 1);
		};
		const from = (await nextMs()).toISOString();
		for (const status of ["disabled", "active", "disabled"]) {
			await nextMs(); // no two entries of one time, which a range could not tell apart
			await put(`/admin/users/${user.id}/status`, { status });
		}
		const to = new Date(Date.now() + 1000).toISOString();

		const all = (await get(`/admin/audit-log?from=${from}&to=${to}`)).body.data;
		const none = (await get(`/admin/audit-log?to=${from}&from=${from}`)).body.data;
		const first = (await get(`/admin/audit-log?from=${from}&pageSize=2`)).body.data;
		const rest = (await get(`/admin/audit-log?from=${from}&pageSize=2&cursor=${first.nextCursor}`)).body
			.data;

		const { at } = all.items[0];
		const [before, onwards] = [
			(await get(`/admin/audit-log?from=${from}&to=${at}`)).body.data,
			(await get(`/admin/audit-log?from=${at}&to=${to}`)).body.data
		];

		expect([all.total, none.total]).toEqual([3, 0]);
		expect([before.total, onwards.total]).toEqual([2, 1]);
		expect([...first.items, ...rest.items]).toEqual(all.items);
	});
});

it("lets the demo accounts in by the passwords of the documents", async () => {
	expect((await login(shop, "13900000000", "Mall-user-1")).status).toBe(200);
});
