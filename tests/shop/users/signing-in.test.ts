import argon2 from "@node-rs/argon2";
import { until } from "../../support/until";
import type { Shop } from "../../support/shop";
import {
	requestCode,
	countOutcomes,
	login,
	registerPerson,
	newPhone,
	PASSWORD,
	outcomeOf,
	startAccounts,
	times,
	clearSmsPause,
	wrongCodeFor
} from "../../support/people";

let shop: Shop;
beforeAll(async () => {
	shop = await startAccounts();
});
afterAll(() => shop.stop());

const post = (path: string, body: object) => shop.http("POST", path, { body });

describe("one-time codes", () => {
	it("answers how long the code is valid and when the next may be requested", async () => {
		const sent = await post("/auth/sms-codes", { phone: newPhone(), purpose: "login" });

		expect(sent.body.data).toEqual({ expiresIn: 300, retryAfter: 60 });
	});

	it("sends one a minute to a phone, also for concurrent requests", async () => {
		const phone = newPhone();

		const replies = await Promise.all(
			times(20, i => post("/auth/sms-codes", { phone, purpose: i % 2 ? "login" : "register" }))
		);

		expect(countOutcomes(replies, "200 OK")).toBe(1);
		expect(countOutcomes(replies, "429 TOO_MANY_REQUESTS")).toBe(19);
		const refused = replies.find(({ status }) => status === 429);
		expect(refused?.body.data.retryAfter).toBeGreaterThan(50);
		expect(refused?.headers.get("retry-after")).toBe(String(refused?.body.data.retryAfter));
	});

	it("answers the same whether or not the phone has an account", async () => {
		const known = await registerPerson(shop);
		await clearSmsPause(shop, known.phone);

		const toKnown = await post("/auth/sms-codes", { phone: known.phone, purpose: "register" });
		const toUnknown = await post("/auth/sms-codes", { phone: newPhone(), purpose: "reset" });

		expect([toKnown.status, toKnown.body.data]).toEqual([toUnknown.status, toUnknown.body.data]);
	});

	it("refuses what is no mobile number or no purpose", async () => {
		const replies = await Promise.all([
			post("/auth/sms-codes", { phone: "12345", purpose: "login" }),
			post("/auth/sms-codes", { phone: newPhone(), purpose: "steal" }),
			post("/auth/sms-codes", { phone: { $ne: 1 }, purpose: "login" }),
			post("/auth/sms-codes", { purpose: "login" })
		]);

		expect(replies.map(outcomeOf)).toEqual(Array(4).fill("400 VALIDATION_ERROR"));
	});

	it("is consumed by one of fifty concurrent requests", async () => {
		const person = await registerPerson(shop);
		const smsCode = await requestCode(shop, person.phone, "login");

		const replies = await Promise.all(
			times(50, () => post("/auth/login-by-sms", { phone: person.phone, smsCode }))
		);

		expect(countOutcomes(replies, "200 OK")).toBe(1);
		expect(countOutcomes(replies, "401 SMS_CODE_INVALID")).toBe(49);
	});

	it("is invalid after five wrong attempts", async () => {
		const person = await registerPerson(shop);
		const smsCode = await requestCode(shop, person.phone, "login");
		await Promise.all(
			times(5, () =>
				post("/auth/login-by-sms", { phone: person.phone, smsCode: wrongCodeFor(smsCode) })
			)
		);

		const late = await post("/auth/login-by-sms", { phone: person.phone, smsCode });

		expect(outcomeOf(late)).toBe("401 SMS_CODE_INVALID");
	});

	it("is valid for its purpose and its phone only", async () => {
		const [person, other] = [await registerPerson(shop), await registerPerson(shop)];
		const smsCode = await requestCode(shop, person.phone, "login");

		const otherPurpose = await post("/auth/reset-password", {
			phone: person.phone,
			smsCode,
			password: PASSWORD
		});
		const otherPhone = await post("/auth/login-by-sms", { phone: other.phone, smsCode });
		const right = await post("/auth/login-by-sms", { phone: person.phone, smsCode });

		expect([otherPurpose, otherPhone, right].map(outcomeOf)).toEqual([
			"401 SMS_CODE_INVALID",
			"401 SMS_CODE_INVALID",
			"200 OK"
		]);
	});
});

describe("registering", () => {
	it("opens an account and signs in", async () => {
		const phone = newPhone();
		const smsCode = await requestCode(shop, phone, "register");

		const { status, body } = await post("/auth/register", {
			phone,
			smsCode,
			password: PASSWORD,
			nickname: "小明"
		});

		expect(status).toBe(201);
		expect(body.data).toMatchObject({
			expiresIn: 900,
			user: {
				phone: `136****${phone.slice(-4)}`,
				nickname: "小明",
				status: "active",
				roles: ["customer"]
			}
		});
		const me = await shop.http("GET", "/me", { token: body.data.accessToken });
		expect(me.body.data).toEqual(body.data.user);
	});

	it("reveals an account only to the holder of the code", async () => {
		const { phone } = await registerPerson(shop);
		const smsCode = await requestCode(shop, phone, "register");

		const guessed = await post("/auth/register", {
			phone,
			smsCode: wrongCodeFor(smsCode),
			password: PASSWORD
		});
		const held = await post("/auth/register", { phone, smsCode, password: PASSWORD });

		expect([guessed, held].map(outcomeOf)).toEqual(["401 SMS_CODE_INVALID", "409 DUPLICATE"]);
	});

	it.each(["short-1", "12345678", "PassWord", "aaaaaaaaaa", "x".repeat(129), "phone"])(
		"refuses a weak password and leaves the code good: %s",
		async weak => {
			const phone = newPhone();
			const smsCode = await requestCode(shop, phone, "register");
			const password = weak === "phone" ? `My${phone}` : weak;

			const refused = await post("/auth/register", { phone, smsCode, password });
			const accepted = await post("/auth/register", {
				phone,
				smsCode,
				password: "长风破浪".repeat(16)
			});

			expect([refused, accepted].map(outcomeOf)).toEqual(["400 VALIDATION_ERROR", "201 OK"]);
			expect(JSON.stringify(refused.body)).not.toContain(password);
		}
	);

	it("takes no role, status or id from outside", async () => {
		const phone = newPhone();
		const smsCode = await requestCode(shop, phone, "register");

		const reply = await post("/auth/register", { phone, smsCode, password: PASSWORD, roles: ["admin"] });

		expect(outcomeOf(reply)).toBe("400 VALIDATION_ERROR");
	});

	it("is refused while registration is closed", async () => {
		const token = await shop.asAdmin();
		const phone = newPhone();
		const smsCode = await requestCode(shop, phone, "register");
		await shop.http("PUT", "/admin/config/auth.openRegistration", { token, body: { value: false } });

		const closed = await until("registration is closed", async () => {
			const reply = await post("/auth/register", {
				phone,
				smsCode: wrongCodeFor(smsCode),
				password: PASSWORD
			});
			return reply.status === 403 ? reply : null;
		});

		expect(outcomeOf(closed)).toBe("403 FORBIDDEN");
		await shop.http("PUT", "/admin/config/auth.openRegistration", { token, body: { value: true } });
		await until("registration is open", async () => {
			const reply = await post("/auth/register", { phone, smsCode: "999999", password: PASSWORD });
			return reply.status === 401;
		});
	});
});

describe("signing in by password", () => {
	it("accepts the phone in any notation", async () => {
		const { phone } = await registerPerson(shop);

		const replies = await Promise.all([login(shop, phone), login(shop, `+86 ${phone}`)]);

		expect(replies.map(outcomeOf)).toEqual(["200 OK", "200 OK"]);
	});

	it("accepts many concurrent log-ins", async () => {
		const { phone } = await registerPerson(shop);

		const replies = await Promise.all(times(20, () => login(shop, phone)));

		expect(countOutcomes(replies, "200 OK")).toBe(20);
	});

	it.each(["known", "unknown"])(
		"locks a phone out after five wrong passwords, an %s one as well",
		async kind => {
			const phone = kind === "known" ? (await registerPerson(shop)).phone : newPhone();

			const wrong = await Promise.all(times(30, () => login(shop, phone, "Not-the-one-1")));
			const right = await login(shop, phone);

			expect(countOutcomes(wrong, "401 BAD_CREDENTIALS")).toBe(5);
			// A machine that hashes slowly refuses some before they count.
			const refusals = ["429 TOO_MANY_REQUESTS", "503 SERVICE_UNAVAILABLE"];
			expect(wrong.filter(reply => refusals.includes(outcomeOf(reply)))).toHaveLength(25);
			expect(outcomeOf(right)).toBe("429 TOO_MANY_REQUESTS");
			expect(right.body.data.retryAfter).toBeGreaterThan(800);
		}
	);

	it("counts consecutive wrong passwords: a right one resets the count", async () => {
		const { phone } = await registerPerson(shop);
		const wrong = () => login(shop, phone, "Not-the-one-1");

		const replies = [];
		for (const attempt of [
			wrong,
			wrong,
			wrong,
			wrong,
			() => login(shop, phone),
			wrong,
			wrong,
			wrong,
			wrong
		])
			replies.push(await attempt());
		const last = await login(shop, phone);

		expect(countOutcomes(replies, "401 BAD_CREDENTIALS")).toBe(8);
		expect(outcomeOf(last)).toBe("200 OK");
	});

	it("lets the locked-out owner in by message, or by a new password", async () => {
		const { phone } = await registerPerson(shop);
		await Promise.all(times(5, () => login(shop, phone, "Not-the-one-1")));

		const bySms = await post("/auth/login-by-sms", {
			phone,
			smsCode: await requestCode(shop, phone, "login")
		});
		const smsCode = await requestCode(shop, phone, "reset");
		await post("/auth/reset-password", { phone, smsCode, password: "Fish-and-soup-7" });
		const byNew = await login(shop, phone, "Fish-and-soup-7");

		expect([bySms, byNew].map(outcomeOf)).toEqual(["200 OK", "200 OK"]);
	});

	it("hashes as much and says the same for a phone without an account", async () => {
		const { phone: known } = await registerPerson(shop);
		const verify = jest.spyOn(argon2, "verify");
		const describeLogin = async (phone: string) => {
			verify.mockClear();
			const reply = await login(shop, phone, "Not-the-one-1");
			return {
				answer: [outcomeOf(reply), reply.body.message, reply.body.data],
				// What a hash costs stands before its salt: $argon2id$v=19$m=19456,t=2,p=1$...
				hashed: verify.mock.calls.map(([hash]) => String(hash).split("$").slice(0, 4))
			};
		};

		const forKnown = await describeLogin(known);
		const forUnknown = await describeLogin(newPhone());

		expect(forKnown.hashed).toHaveLength(1);
		expect(forUnknown).toEqual(forKnown);
	});

	it.each(["$ne", "$gt"])("never accepts an operator as a password: %s", async operator => {
		const reply = await post("/auth/login", { phone: "13800000000", password: { [operator]: "" } });

		expect(outcomeOf(reply)).toBe("400 VALIDATION_ERROR");
	});
});

describe("setting a forgotten password anew", () => {
	it("ends all sessions", async () => {
		const person = await registerPerson(shop);
		const smsCode = await requestCode(shop, person.phone, "reset");

		const reset = await post("/auth/reset-password", {
			phone: person.phone,
			smsCode,
			password: "Fish-and-soup-7"
		});

		const access = await shop.http("GET", "/me", { token: person.accessToken });
		const refreshed = await post("/auth/refresh", { refreshToken: person.refreshToken });
		const old = await login(shop, person.phone);
		expect([reset, access, refreshed, old].map(outcomeOf)).toEqual([
			"200 OK",
			"401 UNAUTHORIZED",
			"401 UNAUTHORIZED",
			"401 BAD_CREDENTIALS"
		]);
	});

	it("says that the phone has no account only to the holder of the code", async () => {
		const phone = newPhone();
		const smsCode = await requestCode(shop, phone, "reset");

		const wrong = await post("/auth/reset-password", {
			phone,
			smsCode: wrongCodeFor(smsCode),
			password: PASSWORD
		});
		const right = await post("/auth/reset-password", { phone, smsCode, password: PASSWORD });

		expect([wrong, right].map(outcomeOf)).toEqual(["401 SMS_CODE_INVALID", "401 BAD_CREDENTIALS"]);
	});
});
