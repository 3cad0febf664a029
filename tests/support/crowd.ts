import { Agent, request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import type { ServiceBroker } from "moleculer";
import { unique } from "./builders";
import { atEvenPace } from "./pace";
import { aUser } from "./buyers";

/** A signed-in customer with an address, as an order over HTTP needs it. */
export type Customer = { readonly token: string; readonly addressId: string };
/** Outcome of an attempt: `ms` is the longest wait for an answer, `busy` the number of 503 answers before the last one. */
export type Outcome = {
	readonly status: number;
	readonly code: string;
	readonly ms: number;
	readonly busy: number;
};
type Answer = Pick<Outcome, "status" | "code" | "ms"> & { readonly retryAfterMs: number };
type Attempt = Customer & { readonly skuId: string };

const CONCURRENT_SIGN_INS = 20;

/** Creates many customers at little cost: they sign in by SMS, so that no password is hashed. */
export async function createCustomers(
	broker: ServiceBroker,
	size: number,
	firstPhone = 13_300_000_000
): Promise<Customer[]> {
	const customers: Customer[] = [];
	const createNext = async () => {
		for (let n = next++; n < size; n = next++)
			customers.push(await createCustomer(broker, String(firstPhone + n)));
	};
	let next = 0;
	await Promise.all(Array.from({ length: CONCURRENT_SIGN_INS }, createNext));
	return customers;
}

async function createCustomer(broker: ServiceBroker, phone: string): Promise<Customer> {
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
 * Lets each customer order one unit, `simultaneous` of them at a time, over kept-alive connections. A request that is answered
 * 503 is sent again under the same key after its Retry-After.
 */
export async function orderAtOnce(
	url: string,
	attempts: readonly Attempt[],
	simultaneous: number
): Promise<Outcome[]> {
	const agent = new Agent({ keepAlive: true, maxSockets: simultaneous });
	const remaining = attempts.values();
	const outcomes: Outcome[] = [];
	const orderNext = async () => {
		for (const attempt of remaining) outcomes.push(await orderUntilAnswered(url, agent, attempt));
	};
	await Promise.all(Array.from({ length: simultaneous }, orderNext));
	agent.destroy();
	return outcomes;
}

/** Like `orderAtOnce`, but the orders start at an even pace over `seconds`, whether the shop keeps up or not. */
export async function orderAtPace(
	url: string,
	attempts: readonly Attempt[],
	seconds: number
): Promise<Outcome[]> {
	const agent = new Agent({ keepAlive: true });
	const outcomes = await atEvenPace(attempts, seconds, attempt => orderUntilAnswered(url, agent, attempt));
	agent.destroy();
	return outcomes;
}

async function orderUntilAnswered(url: string, agent: Agent, attempt: Attempt): Promise<Outcome> {
	const key = unique("rush-");
	for (let busy = 0, longest = 0; ; busy++) {
		const { status, code, ms, retryAfterMs } = await sendOrder(url, agent, attempt, key);
		longest = Math.max(longest, ms);
		if (status !== 503) return { status, code, ms: longest, busy };
		await pause(retryAfterMs);
	}
}

function sendOrder(
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

/** Number of outcomes by code. */
export function countByCode(outcomes: readonly Outcome[]): Record<string, number> {
	const counts: Record<string, number> = {};
	for (const { code } of outcomes) counts[code] = (counts[code] ?? 0) + 1;
	return counts;
}
