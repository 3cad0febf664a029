import { setTimeout as pause } from "node:timers/promises";
import type { Client, Reply } from "../../tests/support/shop";
import type { History, Outcome } from "./history";

export type Answer = {
	readonly outcome: Outcome;
	readonly status: number;
	readonly data: Reply["body"]["data"];
};

/** A quarter of a second apart, these tries outlast the lease of a key whose request crashed. */
const MAX_TRIES = 120;

const classify = ({ status, body }: Reply): Outcome => {
	if (status < 300) return "ok";
	return status >= 500 || body.code === "IDEMPOTENCY_IN_PROGRESS" ? "unknown" : "refused";
};

/** A user of the shop, buyer or staff, who signs in again when the token has expired. `send` records its requests in the history. */
export class ShopUser {
	private token: string | undefined;

	constructor(
		readonly client: Client,
		private readonly history: History,
		private readonly phone: string,
		private readonly password: string
	) {}

	async send(
		operation: string,
		method: string,
		path: string,
		body?: unknown,
		key?: string
	): Promise<Answer> {
		const at = performance.now();
		const answer = await this.trySend(method, path, body, key);
		this.history.recordOperation(operation, answer.outcome, performance.now() - at);
		// Without this pause, a shop that is down would get a thousand requests a second.
		if (answer.outcome === "unknown") await pause(250);
		return answer;
	}

	/** Repeats the request until it is answered, without recording it: for set-up and checks. */
	async mustSend(method: string, path: string, body?: unknown, key?: string): Promise<Answer["data"]> {
		for (let tries = 0; ; tries++) {
			const answer = await this.trySend(method, path, body, key);
			if (answer.outcome === "ok") return answer.data;
			if (answer.outcome === "refused" || tries === MAX_TRIES)
				throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.data)}`);
			await pause(250);
		}
	}

	private async trySend(method: string, path: string, body?: unknown, key?: string): Promise<Answer> {
		try {
			this.token ??= await this.client.signIn(this.phone, this.password);
			const reply = await this.client.http(method, path, {
				token: this.token,
				...(body !== undefined && { body }),
				...(key && { key })
			});
			if (reply.status !== 401)
				return { outcome: classify(reply), status: reply.status, data: reply.body.data };
			this.token = undefined;
			return await this.trySend(method, path, body, key);
		} catch {
			return { outcome: "unknown", status: 0, data: null };
		}
	}
}
