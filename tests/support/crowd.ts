import { Agent, request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import type { ServiceBroker } from "moleculer";
import { unique } from "./builders";
import { atEvenPace } from "./pace";
import { aUser } from "./buyers";

/** A signed-in customer with an address: all that an order over HTTP needs. */
export type Customer = { readonly token: string; readonly addressId: string };
/** What became of an attempt; `ms` is the longest wait for an answer, `busy` how often that was to come again. */
export type Outcome = {
	readonly status: number;
	readonly code: string;
	readonly ms: number;
	readonly busy: number;
};
type Answer = Pick<Outcome, "status" | "code" | "ms"> & { readonly retryAfterMs: number };
type Attempt = Customer & { readonly skuId: string };

const AT_ONCE = 20;

/** Many customers at little cost: signed in by SMS, so that no password is looked at either. */
export async function createCustomers(
	broker: ServiceBroker,
	size: number,
	firstPhone = 13_300_000_000
): Promise<Customer[]> {
	const customers: Customer[] = [];
	const join = async () => {
		for (let n = next++; n < size; n = next++)
			customers.push(await customer(broker, String(firstPhone + n)));
	};
	let next = 0;
	await Promise.all(Array.from({ length: AT_ONCE }, join));
	return customers;
}

async function customer(broker: ServiceBroker, phone: string): Promise<Customer> {
	const { addressId } = await aUser(broker, phone);
	await broker.call("auth.sendCode", { phone, purpose: "login" });
	const [sms] = await broker.call<{ code: string }[], object>("sandbox.sms", { phone });
	const session = await broker.call<{ accessToken: string }, object>("auth.loginBySms", {
		phone,
		smsCode: sms?.code
	});
	return { token: session.accessToken, addressId };
}

/**
 * Each customer tries to order one unit, so many of them at the same time, over connections that are kept. Who is told to
 * come again does so, with the same key, as long as it takes.
 */
export async function orderAtOnce(
	url: string,
	attempts: readonly Attempt[],
	simultaneous: number
): Promise<Outcome[]> {
	const agent = new Agent({ keepAlive: true, maxSockets: simultaneous });
	const left = attempts.values();
	const outcomes: Outcome[] = [];
	const come = async () => {
		for (const attempt of left) outcomes.push(await insist(url, agent, attempt));
	};
	await Promise.all(Array.from({ length: simultaneous }, come));
	agent.destroy();
	return outcomes;
}

/** The same, but one after the other at an even pace over so many seconds, whether the shop keeps up or not. */
export async function orderAtPace(
	url: string,
	attempts: readonly Attempt[],
	seconds: number
): Promise<Outcome[]> {
	const agent = new Agent({ keepAlive: true });
	const outcomes = await atEvenPace(attempts, seconds, attempt => insist(url, agent, attempt));
	agent.destroy();
	return outcomes;
}

async function insist(url: string, agent: Agent, attempt: Attempt): Promise<Outcome> {
	const key = unique("rush-");
	for (let busy = 0, longest = 0; ; busy++) {
		const { status, code, ms, retryAfterMs } = await order(url, agent, attempt, key);
		longest = Math.max(longest, ms);
		if (status !== 503) return { status, code, ms: longest, busy };
		await pause(retryAfterMs);
	}
}

function order(
	url: string,
	agent: Agent,
	{ token, addressId, skuId }: Attempt,
	key: string
): Promise<Answer> {
	const body = JSON.stringify({ items: [{ skuId, quantity: 1 }], addressId });
	const headers = {
		"Content-Type": "application/json",
		"Content-Length": Buffer.byteLength(body),
		Authorization: `Bearer ${token}`,
		"Idempotency-Key": key
	};
	const at = performance.now();
	return new Promise((answer, fail) => {
		const sent = request(`${url}/api/v1/orders`, { method: "POST", agent, headers }, response => {
			let text = "";
			response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
			response.on("end", () => {
				const { code } = JSON.parse(text) as { code: string };
				const retryAfterMs = 1000 * Number(response.headers["retry-after"] ?? 1);
				answer({ status: response.statusCode ?? 0, code, ms: performance.now() - at, retryAfterMs });
			});
		});
		sent.on("error", fail).end(body);
	});
}

/** How many ended with each code. */
export function countByCode(outcomes: readonly Outcome[]): Record<string, number> {
	const counts: Record<string, number> = {};
	for (const { code } of outcomes) counts[code] = (counts[code] ?? 0) + 1;
	return counts;
}
