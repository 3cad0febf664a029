import sharp from "sharp";
import type { Shop } from "../../support/shop";
import {
	requestCode,
	countOutcomes,
	login,
	registerPerson,
	newPhone,
	PASSWORD,
	refresh,
	outcomeOf,
	startAccounts,
	times,
	wrongCodeFor
} from "../../support/people";

let shop: Shop;
beforeAll(async () => {
	shop = await startAccounts();
});
afterAll(() => shop.stop());

describe("the profile", () => {
	it("takes any subset of its fields, and empties what may be empty", async () => {
		const { accessToken: token, user } = await registerPerson(shop);
		const patch = (body: object) => shop.http("PATCH", "/me", { token, body });

		await patch({ nickname: " 阿明 👨‍👩‍👧 ", email: "a.ming@example.com" });
		await patch({ gender: "male", birthday: "2000-02-29" });
		await patch({ email: null });
		const { body } = await patch({});

		const expected = { nickname: "阿明 👨‍👩‍👧", email: null, gender: "male", birthday: "2000-02-29" };
		expect(body.data).toEqual({ ...user, ...expected });
	});

	it.each(["𠮷".repeat(30), "क्‍ष می‌خواهم", "🏴󠁧󠁢󠁥󠁮󠁧󠁿 ❤️"])("takes %s for a nickname", async nickname => {
		const { accessToken: token } = await registerPerson(shop);

		const reply = await shop.http("PATCH", "/me", { token, body: { nickname } });

		expect([outcomeOf(reply), reply.body.data.nickname]).toEqual(["200 OK", nickname]);
	});

	it.each([
		{ birthday: "2001-02-29" },
		{ birthday: "2999-01-01" },
		{ birthday: "1800-01-01" },
		{ birthday: "yesterday" },
		{ email: "nobody" },
		{ email: "a@b" },
		{ email: "a@b.c\nBcc: x@y.z" },
		{ gender: "both" },
		{ nickname: "   " },
		{ nickname: "x".repeat(31) },
		{ nickname: "𠮷".repeat(31) },
		{ nickname: "\u200b\u3164" },
		{ nickname: "a\nb" },
		{ nickname: "a\u202eb" },
		{ nickname: null },
		{ status: "active" },
		{ roles: ["admin"] },
		{ phone: "13812345678" },
		{ epoch: 0 }
	])("refuses %j", async body => {
		const { accessToken: token } = await registerPerson(shop);

		const reply = await shop.http("PATCH", "/me", { token, body });

		expect(outcomeOf(reply)).toBe("400 VALIDATION_ERROR");
		expect(reply.body.data[0].field).toBe(Object.keys(body)[0]);
	});
});

describe("the picture", () => {
	const picture = (width: number) =>
		sharp({ create: { width, height: 300, channels: 3, background: "tomato" } })
			.png()
			.toBuffer();
	const upload = (token: string, bytes: Buffer, field = "file") => {
		const body = new FormData();
		body.append(field, new Blob([new Uint8Array(bytes)]), "../../me.png");
		return shop.http("PUT", "/me/avatar", { token, body });
	};

	it("is re-encoded, scaled down, and served to everyone with an unlimited lifetime", async () => {
		const { accessToken: token } = await registerPerson(shop);

		const { status, body } = await upload(token, await picture(900));

		expect(status).toBe(200);
		const me = await shop.http("GET", "/me", { token });
		expect(me.body.data.avatarUrl).toBe(body.data.avatarUrl);
		const served = await fetch(`${shop.url}${body.data.avatarUrl}`);
		expect(served.headers.get("content-type")).toBe("image/webp");
		expect(served.headers.get("cache-control")).toContain("immutable");
		expect(served.headers.get("x-content-type-options")).toBe("nosniff");
		const { width, format } = await sharp(await served.arrayBuffer()).metadata();
		expect([width, format]).toEqual([512, "webp"]);
	});

	it("replaces the one before, also with concurrent uploads", async () => {
		const { accessToken: token } = await registerPerson(shop);
		const bytes = await picture(50);
		const first = await upload(token, bytes);

		const others = (await Promise.all(times(5, () => upload(token, bytes)))).filter(
			({ status }) => status === 200
		);

		expect(others.length).toBeGreaterThanOrEqual(2); // a user has at most two uploads at a time
		const { avatarUrl } = (await shop.http("GET", "/me", { token })).body.data;
		const answers = await Promise.all(
			[first, ...others].map(({ body }) => fetch(`${shop.url}${body.data.avatarUrl}`))
		);
		expect(answers[0]?.status).toBe(404);
		expect(new Set(answers.filter(({ ok }) => ok).map(({ url }) => url))).toEqual(
			new Set([`${shop.url}${avatarUrl}`])
		);
	});

	it("is recognised as an image by its bytes, in its field", async () => {
		const { accessToken: token } = await registerPerson(shop);

		const script = await upload(token, Buffer.from("<svg><script>alert(1)</script></svg>"));
		const elsewhere = await upload(token, await picture(10), "other");
		const json = await shop.http("PUT", "/me/avatar", { token, body: { image: "AAAA" } });

		expect([script.status, elsewhere.status, json.status]).toEqual([415, 400, 415]);
	});

	it("that nobody has is not found", async () => {
		expect(outcomeOf(await shop.http("GET", "//avatars/nobody"))).toBe("404 NOT_FOUND");
	});
});

describe("changing the password", () => {
	const change = (token: string, oldPassword: string, newPassword: string) =>
		shop.http("PUT", "/me/password", { token, body: { oldPassword, newPassword } });

	it("keeps the session that asked for it and ends the others", async () => {
		const person = await registerPerson(shop);
		const other = (await login(shop, person.phone)).body.data;

		const changed = await change(person.accessToken, PASSWORD, "Fish-and-soup-7");

		const own = await shop.http("GET", "/me", { token: person.accessToken });
		const others = await shop.http("GET", "/me", { token: other.accessToken });
		const refreshed = [await refresh(shop, person.refreshToken), await refresh(shop, other.refreshToken)];
		const logins = [await login(shop, person.phone), await login(shop, person.phone, "Fish-and-soup-7")];
		expect([changed, own, others, ...refreshed, ...logins].map(outcomeOf)).toEqual([
			"200 OK",
			"200 OK",
			"401 UNAUTHORIZED",
			"200 OK",
			"401 UNAUTHORIZED",
			"401 BAD_CREDENTIALS",
			"200 OK"
		]);
	});

	it("requires the old one, and counts wrong ones for the session, not for log-ins", async () => {
		const person = await registerPerson(shop);

		const replies = await Promise.all(
			times(8, () => change(person.accessToken, "Not-the-one-1", "Fish-and-soup-7"))
		);

		expect(countOutcomes(replies, "401 BAD_CREDENTIALS")).toBe(5);
		expect(countOutcomes(replies, "429 TOO_MANY_REQUESTS")).toBe(3);
		expect(outcomeOf(await login(shop, person.phone))).toBe("200 OK");
	});

	it("is refused for a weak new one", async () => {
		const { accessToken } = await registerPerson(shop);

		const reply = await change(accessToken, PASSWORD, "password123");

		expect(outcomeOf(reply)).toBe("400 VALIDATION_ERROR");
		expect(reply.body.data[0].field).toBe("newPassword");
	});

	it("happens once for two concurrent requests with the same old one", async () => {
		const { accessToken } = await registerPerson(shop);

		const replies = await Promise.all([
			change(accessToken, PASSWORD, "Fish-and-soup-7"),
			change(accessToken, PASSWORD, "Rice-and-beans-8")
		]);

		expect(countOutcomes(replies, "200 OK")).toBe(1);
	});
});

describe("changing the phone", () => {
	const bind = (token: string, phone: string, smsCode: string) =>
		shop.http("PUT", "/me/phone", { token, body: { phone, smsCode } });

	it("moves the account to whoever holds the new phone, and ends the other sessions", async () => {
		const person = await registerPerson(shop);
		const other = (await login(shop, person.phone)).body.data;
		const phone = newPhone();
		const smsCode = await requestCode(shop, phone, "bind");

		const wrong = await bind(person.accessToken, phone, wrongCodeFor(smsCode));
		const right = await bind(person.accessToken, phone, smsCode);

		expect([wrong, right].map(outcomeOf)).toEqual(["401 SMS_CODE_INVALID", "200 OK"]);
		expect(right.body.data.phone).toBe(`136****${phone.slice(-4)}`);
		const replies = [
			await shop.http("GET", "/me", { token: person.accessToken }),
			await shop.http("GET", "/me", { token: other.accessToken }),
			await login(shop, person.phone),
			await login(shop, phone)
		];
		expect(replies.map(outcomeOf)).toEqual([
			"200 OK",
			"401 UNAUTHORIZED",
			"401 BAD_CREDENTIALS",
			"200 OK"
		]);
	});

	it("is refused for a phone that has an account", async () => {
		const [person, other] = [await registerPerson(shop), await registerPerson(shop)];
		const smsCode = await requestCode(shop, other.phone, "bind");

		const reply = await bind(person.accessToken, other.phone, smsCode);

		expect(outcomeOf(reply)).toBe("409 DUPLICATE");
		expect(outcomeOf(await shop.http("GET", "/me", { token: person.accessToken }))).toBe("200 OK");
	});
});
