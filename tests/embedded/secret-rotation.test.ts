import { Secret, TOTP } from "otpauth";
import { newPhone, outcomeOf, PASSWORD } from "../support/people";
import type { Reply } from "../support/shop";
import { ShopProcess } from "../support/shop-process";

const [OLD, NEW] = ["the-secret-before-the-rotation-0123456789", "the-secret-after-the-rotation-0123456789"];

let shop: ShopProcess;
const started: ShopProcess[] = [];
/** Starts the shop again on the same data, with these secrets. */
async function start(env: Record<string, string>): Promise<ShopProcess> {
	const dataDir = started[0]?.dataDir;
	const next = await ShopProcess.start(env, dataDir === undefined ? {} : { dataDir });
	started.push(next);
	return next;
}
afterAll(async () => {
	for (const one of started) await one.remove();
});

const post = (path: string, body: object, token?: string): Promise<Reply> =>
	shop.http("POST", path, { body, ...(token && { token }) });
const me = (token: string) => shop.http("GET", "/me", { token });
const refresh = (refreshToken: string) => post("/auth/refresh", { refreshToken });
async function requestCode(phone: string, purpose: string): Promise<string> {
	await post("/auth/sms-codes", { phone, purpose });
	return (await shop.http("GET", `/sandbox/sms?phone=${phone}`)).body.data[0].code;
}
const codeOf = (secret: string, periods: 0 | 1) =>
	new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + periods * 30_000 });

it("ends no session, code or second factor, and then takes nothing from the old secret", async () => {
	shop = await start({ JWT_SECRET: OLD });
	const phone = newPhone();
	const { body } = await post("/auth/register", {
		phone,
		smsCode: await requestCode(phone, "register"),
		password: PASSWORD
	});
	const { accessToken, refreshToken, deviceToken } = body.data;
	const { secret } = (await post("/me/totp", {}, accessToken)).body.data;
	await post("/me/totp/confirm", { code: codeOf(secret, 0) }, accessToken);
	const stranger = newPhone();
	const pendingCode = await requestCode(stranger, "register");
	await shop.end("SIGTERM");

	shop = await start({ JWT_SECRET: NEW, JWT_SECRET_PREVIOUS: OLD });
	const duringRotation = [
		await me(accessToken),
		await post("/auth/register", { phone: stranger, smsCode: pendingCode, password: PASSWORD }),
		await post("/auth/login", { phone, password: PASSWORD, totpCode: codeOf(secret, 1), deviceToken }),
		await refresh(refreshToken)
	];
	const renewed = duringRotation[3]?.body.data;
	const spent = await refresh(refreshToken);
	const other = duringRotation[2]?.body.data;
	await shop.end("SIGTERM");

	shop = await start({ JWT_SECRET: NEW });
	const afterRotation = [
		await me(accessToken),
		await me(other.accessToken),
		await refresh(other.refreshToken),
		await refresh(refreshToken),
		await post("/auth/login", { phone, password: PASSWORD })
	];

	expect(duringRotation.map(outcomeOf)).toEqual(["200 OK", "201 OK", "200 OK", "200 OK"]);
	expect(outcomeOf(spent)).toBe("401 UNAUTHORIZED");
	expect(renewed.accessToken).toBeDefined();
	expect(afterRotation.map(outcomeOf)).toEqual([
		"401 UNAUTHORIZED",
		"200 OK",
		"200 OK",
		"401 UNAUTHORIZED",
		"401 TOTP_REQUIRED"
	]);
});
