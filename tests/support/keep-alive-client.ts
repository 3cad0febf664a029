import { Agent, request } from "node:http";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";

export type KeepAliveResult = {
	answered: number;
	/** Error codes of requests that got no whole answer. */
	readonly failures: string[];
};

/**
 * Sends one request after the other over one connection, as a load balancer does, until an answer says `Connection: close`:
 * then the balancer would use another gateway.
 */
export async function sendUntilClosed(url: string, maxThinkMs: number): Promise<KeepAliveResult> {
	const agent = new Agent({ keepAlive: true, maxSockets: 1 });
	const result: KeepAliveResult = { answered: 0, failures: [] };
	for (let closed = false; !closed; await pause(Math.random() * maxThinkMs))
		try {
			const sent = request(url, { agent }).end();
			const [response] = await once(sent, "response");
			response.resume();
			await once(response, "end");
			result.answered++;
			closed = response.headers.connection === "close";
		} catch (err) {
			result.failures.push(String((err as NodeJS.ErrnoException).code));
			closed = true;
		}
	agent.destroy();
	return result;
}
