import type { KeyValueStore } from "../../infrastructure/key-value/key-value";
import type { SessionView } from "../../schemas/auth.contract";
import type { SmsPurpose } from "../../schemas/values/sms-kinds";
import type { Store } from "../../mixins/store.mixin";
import type { Session } from "../../services/auth/session.domain";
import { startShop, type Reply, type Shop } from "./shop";

export const PASSWORD = "Tea-and-rice-9";

/** The part of a shop that tests of accounts use. */
export const startAccounts = (env: Readonly<Record<string, string>> = {}) =>
	startShop(env, ["api", "config", "auth", "users", "audit", "sandbox"]);

let count = 0;
export const newPhone = () =>
	`136${String(Date.now() % 100_000).padStart(5, "0")}${String(count++).padStart(3, "0")}`;

/** Ends the pause that a phone has to make between two messages. */
export async function clearSmsPause(shop: Shop, phone: string): Promise<void> {
	const auth = shop.broker.getLocalService("auth") as unknown as { kv: KeyValueStore };
	await auth.kv.take(`sent:${phone}`);
}

export async function requestCode(shop: Shop, phone: string, purpose: SmsPurpose): Promise<string> {
	await clearSmsPause(shop, phone);
	const sent = await shop.http("POST", "/auth/sms-codes", { body: { phone, purpose } });
	if (sent.status !== 200) throw new Error(`No code for ${phone}: ${JSON.stringify(sent.body)}`);
	const inbox = await shop.http("GET", `/sandbox/sms?phone=${phone}`);
	return inbox.body.data[0].code;
}

/** Returns six digits that differ from the code. */
export const wrongCodeFor = (code: string) => (code === "000000" ? "000001" : "000000");

export type Person = SessionView & { readonly phone: string };

export async function registerPerson(shop: Shop): Promise<Person> {
	const phone = newPhone();
	const smsCode = await requestCode(shop, phone, "register");
	const { body } = await shop.http("POST", "/auth/register", {
		body: { phone, smsCode, password: PASSWORD }
	});
	return { ...body.data, phone };
}

export const login = (shop: Shop, phone: string, password = PASSWORD): Promise<Reply> =>
	shop.http("POST", "/auth/login", { body: { phone, password } });

export const refresh = (shop: Shop, refreshToken: string): Promise<Reply> =>
	shop.http("POST", "/auth/refresh", { body: { refreshToken } });

/** Moves the session's log-in into the past, so that it no longer counts as a recent proof of identity. */
export async function signedInAgo(shop: Shop, accessToken: string, ms: number): Promise<void> {
	const { sid } = readClaims(accessToken);
	const { sessions } = shop.broker.getLocalService("auth") as unknown as { sessions: Store<Session> };
	await sessions.change({ _id: sid }, { $set: { createdAt: new Date(Date.now() - ms) } });
}

/** The claims of an access token. */
export const readClaims = (token: string): { readonly sub: string; readonly sid: string } =>
	JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());

/** Formats status and code of an answer, like `401 UNAUTHORIZED`. */
export const outcomeOf = ({ status, body }: Reply): string => `${status} ${body.code}`;

export const countOutcomes = (replies: readonly Reply[], outcome: string): number =>
	replies.filter(reply => outcomeOf(reply) === outcome).length;

export const times = <V>(n: number, make: (i: number) => V): V[] =>
	Array.from({ length: n }, (_, i) => make(i));
