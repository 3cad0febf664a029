import { Secret, TOTP } from "otpauth";
import type { Store } from "../../../mixins/store.mixin";
import type { Session } from "../../../services/auth/session.domain";
import { until } from "../../support/until";
import type { Reply, Shop } from "../../support/shop";
import {
	countOutcomes,
	login,
	newPhone,
	outcomeOf,
	PASSWORD,
	readClaims,
	registerPerson,
	requestCode,
	signedInAgo,
	startAccounts,
	times,
	type Person
} from "../../support/people";

let shop: Shop;
beforeAll(async () => {
	shop = await startAccounts();
});
afterAll(() => shop.stop());

const send = (method: string, path: string, token: string, body?: object): Promise<Reply> =>
	shop.http(method, path, { token, ...(body && { body }) });
const me = (token: string) => send("GET", "/me", token);
const logIn = (body: object) => shop.http("POST", "/auth/login", { body });

async function personWithStaleSession(): Promise<Person> {
	const person = await registerPerson(shop);
	await signedInAgo(shop, person.accessToken, 301_000);
	return person;
}

/**
 * The app's code of the present period, or of the next one. A code of the next period is still good when the period changes
 * before the shop reads it.
 */
const codeOf = (secret: string, periods: 0 | 1 = 1) =>
	new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + periods * 30_000 });

type PersonWithApp = Person & {
	readonly secret: string;
	readonly usedCode: string;
	readonly recoveryCodes: readonly string[];
};
/** A person with a second factor, confirmed by the code of the present period. */
async function personWithApp(): Promise<PersonWithApp> {
	const person = await registerPerson(shop);
	const { secret } = (await send("POST", "/me/totp", person.accessToken)).body.data;
	const usedCode = codeOf(secret, 0);
	const { body } = await send("POST", "/me/totp/confirm", person.accessToken, { code: usedCode });
	return { ...person, secret, usedCode, recoveryCodes: body.data.recoveryCodes };
}

describe("sessions of a user", () => {
	it("are listed with their device and address, and the one that asks is marked", async () => {
		const person = await registerPerson(shop);
		await shop.http("POST", "/auth/login", {
			body: { phone: person.phone, password: PASSWORD },
			headers: { "User-Agent": "Phone/1.0" }
		});

		const { status, body } = await send("GET", "/me/sessions", person.accessToken);

		expect(status).toBe(200);
		expect(body.data).toHaveLength(2);
		expect(body.data.map((session: any) => [session.device === "Phone/1.0", session.current])).toEqual(
			expect.arrayContaining([
				[true, false],
				[false, true]
			])
		);
		for (const session of body.data) {
			expect(session).toMatchObject({ ip: "127.0.0.1", id: expect.any(String) });
			expect(Date.parse(session.lastSeenAt)).toBeGreaterThanOrEqual(Date.parse(session.createdAt));
		}
	});

	it("show when they were last used", async () => {
		const person = await personWithStaleSession();
		const { sessions } = shop.broker.getLocalService("auth") as unknown as { sessions: Store<Session> };
		const { sid } = readClaims(person.accessToken);
		await sessions.change({ _id: sid }, { $set: { lastSeenAt: new Date(Date.now() - 3_600_000) } });
		const from = Date.now();

		const [session] = await until("the use to be noted", async () => {
			const { body } = await send("GET", "/me/sessions", person.accessToken);
			return Date.parse(body.data[0].lastSeenAt) >= from ? body.data : null;
		});

		expect(session.current).toBe(true);
	});

	it("end one at a time, and never another user's", async () => {
		const [person, stranger] = [await registerPerson(shop), await registerPerson(shop)];
		const other = (await login(shop, person.phone)).body.data;
		const { body } = await send("GET", "/me/sessions", person.accessToken);
		const { id } = body.data.find((session: any) => !session.current);

		const byStranger = await send("DELETE", `/me/sessions/${id}`, stranger.accessToken);
		const before = await me(other.accessToken);
		const ended = await send("DELETE", `/me/sessions/${id}`, person.accessToken);
		const again = await send("DELETE", `/me/sessions/${id}`, person.accessToken);

		const refreshed = await shop.http("POST", "/auth/refresh", {
			body: { refreshToken: other.refreshToken }
		});
		expect(
			[byStranger, before, ended, again, await me(other.accessToken), refreshed].map(outcomeOf)
		).toEqual([
			"404 NOT_FOUND",
			"200 OK",
			"200 OK",
			"404 NOT_FOUND",
			"401 UNAUTHORIZED",
			"401 UNAUTHORIZED"
		]);
		expect(outcomeOf(await me(person.accessToken))).toBe("200 OK");
	});

	it("end all together, except the one that asks", async () => {
		const person = await registerPerson(shop);
		const others = await Promise.all(times(3, () => login(shop, person.phone)));

		const ended = await send("DELETE", "/me/sessions", person.accessToken);

		const after = await Promise.all(others.map(({ body }) => me(body.data.accessToken)));
		expect(outcomeOf(ended)).toBe("200 OK");
		expect(after.map(outcomeOf)).toEqual(Array(3).fill("401 UNAUTHORIZED"));
		const { body } = await send("GET", "/me/sessions", person.accessToken);
		expect(body.data.map((session: any) => session.current)).toEqual([true]);
	});
});

describe("a second factor", () => {
	it("is begun with a secret, and counts only from its confirmation on", async () => {
		const person = await registerPerson(shop);

		const begun = await send("POST", "/me/totp", person.accessToken);
		const without = await login(shop, person.phone);
		const wrong = await send("POST", "/me/totp/confirm", person.accessToken, { code: "000000" });
		const { secret, otpauthUrl } = begun.body.data;
		const confirmed = await send("POST", "/me/totp/confirm", person.accessToken, {
			code: codeOf(secret)
		});
		const again = await send("POST", "/me/totp", person.accessToken);

		expect(otpauthUrl).toMatch(new RegExp(`^otpauth://totp/.*secret=${secret}`));
		expect([without, wrong, confirmed, again].map(outcomeOf)).toEqual([
			"200 OK",
			"401 BAD_CREDENTIALS",
			"200 OK",
			"409 INVALID_STATE"
		]);
		expect(confirmed.body.data.recoveryCodes).toHaveLength(10);
	});

	it("is asked for after the right password, never after a wrong one", async () => {
		const { phone, secret } = await personWithApp();

		const wrong = await logIn({ phone, password: "Not-the-one-1" });
		const without = await logIn({ phone, password: PASSWORD });
		const withCode = await logIn({ phone, password: PASSWORD, totpCode: codeOf(secret) });

		expect([wrong, without, withCode].map(outcomeOf)).toEqual([
			"401 BAD_CREDENTIALS",
			"401 TOTP_REQUIRED",
			"200 OK"
		]);
	});

	it("is asked for in a log-in by message, whose code can be sent again with it", async () => {
		const { phone, secret } = await personWithApp();
		const smsCode = await requestCode(shop, phone, "login");
		const bySms = (body: object) => shop.http("POST", "/auth/login-by-sms", { body: { phone, ...body } });

		const without = await bySms({ smsCode });
		const withCode = await bySms({ smsCode, totpCode: codeOf(secret) });
		const spent = await bySms({ smsCode, totpCode: "123456" });

		expect([without, withCode, spent].map(outcomeOf)).toEqual([
			"401 TOTP_REQUIRED",
			"200 OK",
			"401 SMS_CODE_INVALID"
		]);
	});

	it("takes a code once, also of four log-ins at once, and not the one of the confirmation", async () => {
		const { phone, secret, usedCode } = await personWithApp();
		const withCode = (totpCode: string) => logIn({ phone, password: PASSWORD, totpCode });
		const code = codeOf(secret);

		const ofConfirmation = await withCode(usedCode);
		const replies = await Promise.all(times(4, () => withCode(code)));

		expect(outcomeOf(ofConfirmation)).toBe("401 BAD_CREDENTIALS");
		expect(countOutcomes(replies, "200 OK")).toBe(1);
		expect(countOutcomes(replies, "401 BAD_CREDENTIALS")).toBe(3);
	});

	it("is locked after five wrong codes, while a recovery code still gets in, once", async () => {
		const { phone, secret, recoveryCodes } = await personWithApp();
		const withCode = (totpCode = "") => logIn({ phone, password: PASSWORD, totpCode });

		const wrong = await Promise.all(times(12, n => withCode(String(n).padStart(6, "0"))));
		const right = await withCode(codeOf(secret));
		const recovered = await withCode(recoveryCodes[0]?.toUpperCase());
		const again = await withCode(recoveryCodes[0]);

		expect(countOutcomes(wrong, "401 BAD_CREDENTIALS")).toBe(5);
		expect(countOutcomes(wrong, "429 TOO_MANY_REQUESTS")).toBe(7);
		expect([right, recovered, again].map(outcomeOf)).toEqual([
			"429 TOO_MANY_REQUESTS",
			"200 OK",
			"401 BAD_CREDENTIALS"
		]);
	});

	it("is turned off by password and code together", async () => {
		const { phone, accessToken, secret, recoveryCodes } = await personWithApp();
		const remove = (body: object) => send("DELETE", "/me/totp", accessToken, body);

		const replies = [
			await remove({ password: "Not-the-one-1", code: codeOf(secret) }),
			await remove({ password: PASSWORD, code: "000000" }),
			await remove({ password: PASSWORD }),
			await remove({ password: PASSWORD, code: recoveryCodes[1] ?? "" }),
			await remove({ password: PASSWORD, code: recoveryCodes[2] ?? "" }),
			await login(shop, phone)
		];

		expect(replies.map(outcomeOf)).toEqual([
			"401 BAD_CREDENTIALS",
			"401 BAD_CREDENTIALS",
			"400 VALIDATION_ERROR",
			"200 OK",
			"409 INVALID_STATE",
			"200 OK"
		]);
	});

	it("is stored encrypted", async () => {
		const { user, secret, recoveryCodes } = await personWithApp();
		const { enrolments } = shop.broker.getLocalService("auth") as unknown as {
			enrolments: Store<{ _id: string }>;
		};

		const stored = JSON.stringify(await enrolments.get(user.id));

		for (const text of [secret, ...recoveryCodes]) expect(stored).not.toContain(text);
	});

	it("is demanded of staff where the config says so", async () => {
		const admin = await shop.asAdmin();
		const demand = (value: boolean, token = admin) =>
			send("PUT", "/admin/config/security.staffTotp", token, { value });
		const person = await registerPerson(shop);
		await send("PUT", `/admin/users/${person.user.id}/roles`, admin, { roles: ["admin"] });
		const staff = (await login(shop, person.phone)).body.data.accessToken;
		await demand(true);

		const refused = await until("the config to be read", async () => {
			const reply = await send("GET", "/admin/users", staff);
			return reply.status === 403 ? reply : null;
		});
		const own = await me(staff);
		const { secret } = (await send("POST", "/me/totp", staff)).body.data;
		await send("POST", "/me/totp/confirm", staff, { code: codeOf(secret) });
		const admitted = await send("GET", "/admin/users", staff);
		const customers = await send("GET", "/admin/users", (await registerPerson(shop)).accessToken);

		expect([refused, own, admitted, customers].map(outcomeOf)).toEqual([
			"403 TOTP_SETUP_REQUIRED",
			"200 OK",
			"200 OK",
			"403 FORBIDDEN"
		]);
		expect(outcomeOf(await demand(false, staff))).toBe("200 OK");
		await until("the config to be read", async () => (await demand(false)).status === 200);
	});
});

describe("a step-up", () => {
	it.each(["password", "smsCode", "totpCode"])("opens what asks for it, by %s", async proof => {
		const person = proof === "totpCode" ? await personWithApp() : await registerPerson(shop);
		await signedInAgo(shop, person.accessToken, 301_000);
		const proofs = {
			password: async () => PASSWORD,
			smsCode: () => requestCode(shop, person.phone, "step_up"),
			totpCode: async () => codeOf((person as PersonWithApp).secret)
		};
		const changePassword = () =>
			send("PUT", "/me/password", person.accessToken, { newPassword: "Fish-and-soup-7" });

		const before = await changePassword();
		const stepped = await send("POST", "/me/step-up", person.accessToken, {
			[proof]: await proofs[proof as keyof typeof proofs]()
		});
		const after = await changePassword();

		expect([before, stepped, after].map(outcomeOf)).toEqual(["403 STEP_UP_REQUIRED", "200 OK", "200 OK"]);
		const remainingMs = Date.parse(stepped.body.data.until) - Date.now();
		expect(remainingMs).toBeGreaterThan(290_000);
		expect(remainingMs).toBeLessThanOrEqual(300_000);
	});

	it("takes exactly one proof", async () => {
		const { accessToken } = await registerPerson(shop);
		const stepUp = (body: object) => send("POST", "/me/step-up", accessToken, body);

		const replies = [
			await stepUp({}),
			await stepUp({ password: PASSWORD, smsCode: "123456" }),
			await stepUp({ password: "Not-the-one-1" }),
			await stepUp({ smsCode: "123456" }),
			await stepUp({ totpCode: "123456" })
		];

		expect(replies.map(outcomeOf)).toEqual([
			"400 VALIDATION_ERROR",
			"400 VALIDATION_ERROR",
			"401 BAD_CREDENTIALS",
			"401 SMS_CODE_INVALID",
			"401 BAD_CREDENTIALS"
		]);
	});

	it("is needed for a new phone and a second factor, after five minutes", async () => {
		const { accessToken } = await personWithStaleSession();

		const replies = [
			await send("PUT", "/me/phone", accessToken, { phone: newPhone(), smsCode: "123456" }),
			await send("POST", "/me/totp", accessToken),
			await send("POST", "/me/totp/confirm", accessToken, { code: "123456" }),
			await send("DELETE", "/me/totp", accessToken, { password: PASSWORD, code: "123456" })
		];

		expect(replies.map(outcomeOf)).toEqual(Array(4).fill("403 STEP_UP_REQUIRED"));
	});

	it("is needed to change roles, after five minutes", async () => {
		const { user } = await registerPerson(shop);
		const admin = await shop.asAdmin();
		const setRoles = () => send("PUT", `/admin/users/${user.id}/roles`, admin, { roles: ["support"] });
		await signedInAgo(shop, admin, 301_000);

		const before = await setRoles();
		await send("POST", "/me/step-up", admin, { password: "Mall-admin-1" });

		expect([before, await setRoles()].map(outcomeOf)).toEqual(["403 STEP_UP_REQUIRED", "200 OK"]);
	});

	it("counts for one session only", async () => {
		const person = await personWithStaleSession();
		const other = (await login(shop, person.phone)).body.data.accessToken;
		await send("POST", "/me/step-up", other, { password: PASSWORD });

		const elsewhere = await send("POST", "/me/totp", person.accessToken);

		expect(outcomeOf(elsewhere)).toBe("403 STEP_UP_REQUIRED");
	});

	it("is locked by five wrong passwords of its own session, not by a stranger's at the log-in", async () => {
		const person = await personWithStaleSession();
		const other = (await login(shop, person.phone)).body.data.accessToken;
		await Promise.all(times(5, () => login(shop, person.phone, "Not-the-one-1")));
		const stepUp = (token: string, password: string) => send("POST", "/me/step-up", token, { password });

		const owner = await stepUp(person.accessToken, PASSWORD);
		const wrong = await Promise.all(times(8, () => stepUp(other, "Not-the-one-1")));
		const locked = await stepUp(other, PASSWORD);

		expect(outcomeOf(owner)).toBe("200 OK");
		expect(countOutcomes(wrong, "401 BAD_CREDENTIALS")).toBe(5);
		expect(outcomeOf(locked)).toBe("429 TOO_MANY_REQUESTS");
	});
});

it("tells the old phone that the account has moved to another one", async () => {
	const person = await registerPerson(shop);
	const phone = newPhone();
	const smsCode = await requestCode(shop, phone, "bind");

	const moved = await send("PUT", "/me/phone", person.accessToken, { phone, smsCode });

	expect(outcomeOf(moved)).toBe("200 OK");
	const { body } = await shop.http("GET", `/sandbox/sms?phone=${person.phone}`);
	expect(body.data[0]).toMatchObject({ code: null, text: expect.stringContaining("改绑") });
	expect(body.data[0].text).not.toContain(phone);
});

it("lets a locked-out owner who is signed in change the password, which ends the lock", async () => {
	const person = await registerPerson(shop);
	await Promise.all(times(5, () => login(shop, person.phone, "Not-the-one-1")));

	const changed = await send("PUT", "/me/password", person.accessToken, {
		oldPassword: PASSWORD,
		newPassword: "Fish-and-soup-7"
	});

	const signedIn = await login(shop, person.phone, "Fish-and-soup-7");
	expect([changed, signedIn].map(outcomeOf)).toEqual(["200 OK", "200 OK"]);
});
