import { createSecretKey } from "node:crypto";
import { SignJWT } from "jose";
import type * as SettingsModule from "../../../settings";
import type { Store } from "../../../mixins/store.mixin";
import type { Session } from "../../../services/auth/session.domain";
import { withSecondTry } from "../../support/second-try";
import type { Shop } from "../../support/shop";
import {
	countOutcomes,
	login,
	registerPerson,
	refresh,
	outcomeOf,
	startAccounts,
	times
} from "../../support/people";

let shop: Shop;
let secret: string;
beforeAll(async () => {
	shop = await startAccounts();
	secret = (require("../../../settings") as typeof SettingsModule).settings.jwtSecret; // read with the shop, not before
});
afterAll(() => shop.stop());

/** Moves the last exchange of the session's token into the past. */
async function exchangedAgo(refreshToken: string, ms: number): Promise<void> {
	const [_id = ""] = refreshToken.split(".");
	const { sessions } = shop.broker.getLocalService("auth") as unknown as { sessions: Store<Session> };
	const at = new Date(Date.now() - ms);
	await sessions.change({ _id }, { $set: { exchangedAt: at, rotatedAt: at, answeredAt: at } });
}

const me = (token: string) => shop.http("GET", "/me", { token });

describe("refreshing", () => {
	it("continues the session with new tokens", async () => {
		const person = await registerPerson(shop);

		const { status, body } = await refresh(shop, person.refreshToken);

		expect(status).toBe(200);
		expect(body.data).toMatchObject({ expiresIn: 900, user: { id: person.user.id } });
		expect(body.data.refreshToken).not.toBe(person.refreshToken);
		expect(outcomeOf(await me(body.data.accessToken))).toBe("200 OK");
	});

	it.each([false, true])(
		"takes a spent token for stolen and ends the whole session (new tokens used: %s)",
		async used => {
			const person = await registerPerson(shop);
			const { body } = await refresh(shop, person.refreshToken);
			if (used) await me(body.data.accessToken);

			const again = await refresh(shop, person.refreshToken);

			const successor = await refresh(shop, body.data.refreshToken);
			const access = await me(body.data.accessToken);
			expect([again, successor, access].map(outcomeOf)).toEqual(Array(3).fill("401 UNAUTHORIZED"));
		}
	);

	it("recognises a spent token after any number of refreshes", async () => {
		const person = await registerPerson(shop);
		const second = (await refresh(shop, person.refreshToken)).body.data;
		const third = (await refresh(shop, second.refreshToken)).body.data;

		await refresh(shop, person.refreshToken);

		expect(outcomeOf(await me(third.accessToken))).toBe("401 UNAUTHORIZED");
	});

	withSecondTry("a stalled machine receives a refresh after a concurrent one was answered", () => {
		it("leaves one valid token after twenty concurrent refreshes", async () => {
			const person = await registerPerson(shop);

			const replies = await Promise.all(times(20, () => refresh(shop, person.refreshToken)));

			expect(countOutcomes(replies, "200 OK")).toBe(1);
			expect(countOutcomes(replies, "401 UNAUTHORIZED")).toBe(19);
			const won = replies.find(({ status }) => status === 200);
			expect(outcomeOf(await me(won?.body.data.accessToken))).toBe("200 OK");
			expect(outcomeOf(await refresh(shop, won?.body.data.refreshToken))).toBe("200 OK");
		});
	});

	it("lets nobody end a session with a token forged from its id", async () => {
		const person = await registerPerson(shop);
		const [sessionId] = person.refreshToken.split(".");
		const forged = `${sessionId}.${"A".repeat(43)}.${"A".repeat(43)}`;

		const replies = await Promise.all([
			refresh(shop, forged),
			refresh(shop, "nonsense"),
			refresh(shop, person.accessToken.slice(0, 200))
		]);

		expect(replies.map(outcomeOf)).toEqual(Array(3).fill("401 UNAUTHORIZED"));
		await shop.http("POST", "/auth/logout", { body: { refreshToken: forged } });
		expect(outcomeOf(await refresh(shop, person.refreshToken))).toBe("200 OK");
	});
});

describe("refreshing again where the config allows it", () => {
	const allowRetries = async (seconds: number) => {
		const token = await shop.asAdmin();
		const body = { value: seconds };
		const { status } = await shop.http("PUT", "/admin/config/auth.refreshRetrySeconds", { token, body });
		if (status !== 200) throw new Error(`The config was not set: ${status}`);
	};
	beforeAll(() => allowRetries(30));
	afterAll(() => allowRetries(0));

	it("takes a spent token for stolen once its successor was used: the whole session ends", async () => {
		const person = await registerPerson(shop);
		const { body } = await refresh(shop, person.refreshToken);
		await me(body.data.accessToken);

		const again = await refresh(shop, person.refreshToken);

		const successor = await refresh(shop, body.data.refreshToken);
		const access = await me(body.data.accessToken);
		expect([again, successor, access].map(outcomeOf)).toEqual(Array(3).fill("401 UNAUTHORIZED"));
	});

	it("continues for a client that lost the answer and sends the same token again", async () => {
		const person = await registerPerson(shop);
		const lost = (await refresh(shop, person.refreshToken)).body.data;
		await me(person.accessToken); // the client still has that one

		const again = await refresh(shop, person.refreshToken);
		const { accessToken, refreshToken } = again.body.data;
		const replies = [again, await me(accessToken), await refresh(shop, refreshToken)];

		expect(replies.map(outcomeOf)).toEqual(Array(3).fill("200 OK"));
		expect(refreshToken).not.toBe(lost.refreshToken);
		expect(replies[2]?.body.data.user.id).toBe(person.user.id);
	});

	it("continues however often the answer is lost", async () => {
		const person = await registerPerson(shop);

		const replies = [];
		for (let n = 0; n < 4; n++) replies.push(await refresh(shop, person.refreshToken));
		const last = replies.at(-1)?.body.data;

		expect(replies.map(outcomeOf)).toEqual(Array(4).fill("200 OK"));
		expect(outcomeOf(await refresh(shop, last.refreshToken))).toBe("200 OK");
	});

	it("ends no session when the answer was lost and twenty retry concurrently", async () => {
		const person = await registerPerson(shop);
		await refresh(shop, person.refreshToken);

		const replies = await Promise.all(times(20, () => refresh(shop, person.refreshToken)));

		const won = replies.filter(({ status }) => status === 200);
		const live = await Promise.all(won.map(({ body }) => me(body.data.accessToken)));
		expect(won.length).toBeGreaterThan(0);
		expect(live.map(outcomeOf)).toEqual(Array(won.length).fill("200 OK"));
		expect(countOutcomes(replies, "401 UNAUTHORIZED")).toBe(20 - won.length);
	});

	it("takes a lost token for stolen when it is used after a retry", async () => {
		const person = await registerPerson(shop);
		const lost = (await refresh(shop, person.refreshToken)).body.data;
		const again = (await refresh(shop, person.refreshToken)).body.data;

		const replies = [
			await refresh(shop, lost.refreshToken),
			await refresh(shop, again.refreshToken),
			await me(again.accessToken)
		];

		expect(replies.map(outcomeOf)).toEqual(Array(3).fill("401 UNAUTHORIZED"));
	});

	it("takes a spent token for stolen when the time for retries is over", async () => {
		const person = await registerPerson(shop);
		const { body } = await refresh(shop, person.refreshToken);
		await exchangedAgo(person.refreshToken, 30_000);

		const again = await refresh(shop, person.refreshToken);

		const replies = [again, await refresh(shop, body.data.refreshToken), await me(body.data.accessToken)];
		expect(replies.map(outcomeOf)).toEqual(Array(3).fill("401 UNAUTHORIZED"));
	});

	it("continues within the time for retries", async () => {
		const person = await registerPerson(shop);
		await refresh(shop, person.refreshToken);
		await exchangedAgo(person.refreshToken, 20_000);

		expect(outcomeOf(await refresh(shop, person.refreshToken))).toBe("200 OK");
	});
});

describe("logging out", () => {
	it("ends the session at once, its access token too, and no other session", async () => {
		const person = await registerPerson(shop);
		const other = (await login(shop, person.phone)).body.data;

		const out = await shop.http("POST", "/auth/logout", { body: { refreshToken: person.refreshToken } });

		const replies = [
			await me(person.accessToken),
			await refresh(shop, person.refreshToken),
			await me(other.accessToken)
		];
		expect([out, ...replies].map(outcomeOf)).toEqual([
			"200 OK",
			"401 UNAUTHORIZED",
			"401 UNAUTHORIZED",
			"200 OK"
		]);
	});

	it("may be repeated, and says nothing of tokens it does not know", async () => {
		const { refreshToken } = await registerPerson(shop);
		const out = (token: string) => shop.http("POST", "/auth/logout", { body: { refreshToken: token } });

		const replies = [await out(refreshToken), await out(refreshToken), await out("nonsense")];

		expect(replies.map(outcomeOf)).toEqual(Array(3).fill("200 OK"));
	});
});

describe("access tokens", () => {
	type Made = {
		alg?: string;
		typ?: string;
		iss?: string;
		aud?: string;
		exp?: string;
		key?: string;
		nbf?: string;
	};
	const made = (claims: object, m: Made = {}) => {
		const token = new SignJWT({ ...claims })
			.setProtectedHeader({ alg: m.alg ?? "HS256", typ: m.typ ?? "at+jwt" })
			.setIssuer(m.iss ?? "zjmall")
			.setAudience(m.aud ?? "zjmall-api")
			.setIssuedAt(m.exp?.includes("ago") ? Math.floor(Date.now() / 1000) - 2000 : undefined)
			.setExpirationTime(m.exp ?? "10m");
		if (m.nbf) token.setNotBefore(m.nbf);
		return token.sign(createSecretKey(Buffer.from(m.key ?? secret)));
	};
	const claimsOf = (token: string) =>
		JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as {
			sub: string;
			sid: string;
		};

	it("are accepted only as the shop makes them", async () => {
		const { accessToken } = await registerPerson(shop);
		const { sub, sid } = claimsOf(accessToken);
		const [header = "", payload = "", signature = ""] = accessToken.split(".");
		const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString("base64url");

		const forged = [
			await made({ sub, sid }, { alg: "HS512", key: secret.padEnd(64, "x") }),
			await made({ sub, sid }, { key: "another-secret-of-thirty-two-characters" }),
			await made({ sub, sid }, { typ: "JWT" }),
			await made({ sub, sid }, { iss: "elsewhere" }),
			await made({ sub, sid }, { aud: "elsewhere" }),
			await made({ sub, sid }, { nbf: "5m" }),
			await made({ sub }),
			await made({ sid }),
			await made({ sub, sid: "01M85D2K4353B8WADXQQAY3G24" }),
			`${none}.${payload}.`,
			`${header}.${payload}.${signature.slice(0, -4)}AAAA`,
			`${header}.${payload}`,
			"x".repeat(8000)
		];
		const replies = await Promise.all(forged.map(me));

		expect(replies.map(outcomeOf)).toEqual(Array(forged.length).fill("401 UNAUTHORIZED"));
		expect(outcomeOf(await me(await made({ sub, sid })))).toBe("200 OK");
	});

	it("of another user's session are refused", async () => {
		const [one, other] = [await registerPerson(shop), await registerPerson(shop)];

		const mixed = await made({ sub: other.user.id, sid: claimsOf(one.accessToken).sid });

		expect(outcomeOf(await me(mixed))).toBe("401 UNAUTHORIZED");
	});

	it("that expired are refused with TOKEN_EXPIRED, so that a client knows to refresh", async () => {
		const { accessToken } = await registerPerson(shop);
		const { sub, sid } = claimsOf(accessToken);

		const old = await made({ sub, sid }, { exp: "10m ago" });

		expect(outcomeOf(await me(old))).toBe("401 TOKEN_EXPIRED");
	});

	it("are required for the user's own data", async () => {
		const routes = [
			"GET /me",
			"PATCH /me",
			"PUT /me/avatar",
			"PUT /me/password",
			"PUT /me/phone",
			"GET /me/addresses"
		];
		const more = [
			"POST /me/addresses",
			"GET /me/addresses/x",
			"PATCH /me/addresses/x",
			"DELETE /me/addresses/x"
		];
		const staff = [
			"PUT /me/addresses/x/default",
			"GET /admin/users",
			"PUT /admin/users/x/status",
			"GET /admin/audit-log"
		];

		const replies = await Promise.all(
			[...routes, ...more, ...staff].map(route => {
				const [method = "", path = ""] = route.split(" ");
				return shop.http(method, path, method === "GET" || method === "DELETE" ? {} : { body: {} });
			})
		);

		expect(replies.map(outcomeOf)).toEqual(Array(14).fill("401 UNAUTHORIZED"));
	});
});
