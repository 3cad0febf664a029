import {
	countOutcomes,
	login,
	newPhone,
	outcomeOf,
	PASSWORD,
	registerPerson,
	requestCode,
	startAccounts,
	times,
	wrongCodeFor
} from "../../support/people";
import type { Reply, Shop } from "../../support/shop";

const WRONG = "Not-the-one-1";
const SECONDS_OF_A_LOCK = { min: 800, max: 900 };

let shop: Shop;
let admin: string;
beforeAll(async () => {
	shop = await startAccounts({ LIMITS_PER_IP: "on", TRUSTED_PROXIES: "1" });
	admin = await shop.asAdmin();
});
afterAll(() => shop.stop());

async function setConfig(key: string, value: number): Promise<void> {
	const { status } = await shop.http("PUT", `/admin/config/${key}`, { token: admin, body: { value } });
	expect(status).toBe(200);
}
const logIn = (body: object, from?: string): Promise<Reply> =>
	shop.http("POST", "/auth/login", { body, ...(from && { headers: { "X-Forwarded-For": from } }) });
const lock = (phone: string) => Promise.all(times(5, () => login(shop, phone, WRONG)));

describe("a lock that strangers caused", () => {
	it("lets the owner in by the right password together with a code", async () => {
		const { phone } = await registerPerson(shop);
		await lock(phone);
		const smsCode = await requestCode(shop, phone, "login");
		const withCode = (password: string, digits: string) => logIn({ phone, password, smsCode: digits });

		const replies = [
			await logIn({ phone, password: PASSWORD }),
			await withCode(PASSWORD, wrongCodeFor(smsCode)),
			await withCode(WRONG, smsCode),
			await withCode(PASSWORD, smsCode),
			await withCode(PASSWORD, smsCode)
		];

		expect(replies.map(outcomeOf)).toEqual([
			"429 TOO_MANY_REQUESTS",
			"401 SMS_CODE_INVALID",
			"401 BAD_CREDENTIALS",
			"200 OK",
			"401 SMS_CODE_INVALID"
		]);
	});

	it("gives a holder of the code no more guesses of the password than the code has", async () => {
		const { phone } = await registerPerson(shop);
		const smsCode = await requestCode(shop, phone, "login");

		const wrong = [];
		for (const password of times(8, n => `${WRONG}-${n}`))
			wrong.push(await logIn({ phone, password, smsCode }));
		const right = await logIn({ phone, password: PASSWORD, smsCode });

		expect(countOutcomes(wrong, "401 BAD_CREDENTIALS")).toBe(5);
		expect(outcomeOf(right)).toBe("401 SMS_CODE_INVALID");
	});

	it("does not concern a device that the owner has used, which has its own count", async () => {
		const { phone, deviceToken } = await registerPerson(shop);
		await lock(phone);

		const known = await logIn({ phone, password: PASSWORD, deviceToken });
		const wrong = await Promise.all(times(8, () => logIn({ phone, password: WRONG, deviceToken })));
		const locked = await logIn({ phone, password: PASSWORD, deviceToken });
		const elsewhere = await logIn({
			phone,
			password: PASSWORD,
			deviceToken: known.body.data.deviceToken
		});

		expect(countOutcomes(wrong, "401 BAD_CREDENTIALS")).toBe(5);
		expect([known, locked, elsewhere].map(outcomeOf)).toEqual([
			"200 OK",
			"429 TOO_MANY_REQUESTS",
			"200 OK"
		]);
	});

	it("is not passed by the device of another account, or by one that somebody made up", async () => {
		const [victim, attacker] = [await registerPerson(shop), await registerPerson(shop)];
		await lock(victim.phone);
		const withDevice = (deviceToken: string | undefined) =>
			logIn({ phone: victim.phone, password: PASSWORD, deviceToken });

		const replies = [
			await withDevice(attacker.deviceToken),
			await withDevice(`${"A".repeat(22)}.${"A".repeat(43)}`),
			await withDevice("nonsense")
		];

		expect(replies.map(outcomeOf)).toEqual(Array(3).fill("429 TOO_MANY_REQUESTS"));
	});
});

describe("wrong log-ins at many phones", () => {
	it("lock their address, in every spelling and the whole /64, and no other", async () => {
		await setConfig("auth.failuresPerAddress", 6);
		const { phone } = await registerPerson(shop);
		const spellings = [
			"2001:db8:7:7::1",
			"2001:DB8:7:7:0:0:0:2",
			"2001:db8:7:7:ffff::3",
			"[2001:db8:7:7::4]:443"
		];
		for (const n of times(6, i => i))
			await logIn({ phone: newPhone(), password: `${WRONG}-${n}` }, spellings[n % spellings.length]);

		const locked = await Promise.all(
			["2001:0db8:0007:0007:1:2:3:4", ...spellings].map(from =>
				logIn({ phone, password: PASSWORD }, from)
			)
		);
		const others = await Promise.all(
			["2001:db8:7:8::1", "203.0.113.7"].map(from => logIn({ phone, password: PASSWORD }, from))
		);

		expect(locked.map(outcomeOf)).toEqual(Array(5).fill("429 TOO_MANY_REQUESTS"));
		expect(others.map(outcomeOf)).toEqual(["200 OK", "200 OK"]);
		expect(locked[0]?.body.data.retryAfter).toBeGreaterThan(SECONDS_OF_A_LOCK.min);
		expect(locked[0]?.body.data.retryAfter).toBeLessThanOrEqual(SECONDS_OF_A_LOCK.max);
		await setConfig("auth.failuresPerAddress", 200);
	});

	it("lock IPv4 and the same address inside IPv6 as one", async () => {
		await setConfig("auth.failuresPerAddress", 5);
		for (const n of times(5, i => i))
			await logIn(
				{ phone: newPhone(), password: `${WRONG}-${n}` },
				n % 2 ? "198.51.100.7" : "::ffff:c633:6407"
			);

		const locked = await logIn({ phone: newPhone(), password: "Other-pass-3" }, "::FFFF:198.51.100.7");

		expect(outcomeOf(locked)).toBe("429 TOO_MANY_REQUESTS");
		await setConfig("auth.failuresPerAddress", 200);
	});

	it("with one password from many addresses (a spray) lock that password, and no other", async () => {
		await setConfig("auth.failuresPerPassword", 5);
		const sprayed = "Summer-of-2026";
		for (const n of times(5, i => i))
			await logIn({ phone: newPhone(), password: sprayed }, `192.0.2.${n}`);
		const { phone } = await registerPerson(shop);

		const next = await logIn({ phone, password: sprayed }, "192.0.2.99");
		const wide = await logIn({ phone, password: sprayed.replace("2", "２") }, "192.0.2.98");
		const right = await logIn({ phone, password: PASSWORD }, "192.0.2.97");

		expect([next, wide, right].map(outcomeOf)).toEqual([
			"429 TOO_MANY_REQUESTS",
			"429 TOO_MANY_REQUESTS",
			"200 OK"
		]);
		await setConfig("auth.failuresPerPassword", 300);
	});
});

it("sends an address no more codes an hour than the config says, whatever the phones and purposes", async () => {
	await setConfig("sms.perAddressHourly", 3);
	const send = (from: string, purpose: string) =>
		shop.http("POST", "/auth/sms-codes", {
			body: { phone: newPhone(), purpose },
			headers: { "X-Forwarded-For": from }
		});

	const purposes = ["login", "register", "reset", "bind"];
	const replies = [];
	for (const purpose of purposes) replies.push(await send("2001:db8:9:9::1", purpose));
	const sameNetwork = await send("2001:db8:9:9::2", "login");
	const other = await send("2001:db8:9:a::1", "login");

	expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
	expect([sameNetwork.status, other.status]).toEqual([429, 200]);
	await setConfig("sms.perAddressHourly", 1000);
});

it("answers a flood of log-ins by verdicts or 503, never by an error", async () => {
	const replies = await Promise.all(
		times(60, n => logIn({ phone: newPhone(), password: `${WRONG}-${n}` }))
	);

	expect(new Set(replies.map(outcomeOf))).toEqual(
		new Set(["401 BAD_CREDENTIALS", "503 SERVICE_UNAVAILABLE"])
	);
});
