import { setTimeout as pause } from "node:timers/promises";
import type { Client, Reply } from "../../tests/support/shop";
import type { Ledger, Outcome } from "./history";

export type Answer = {
	readonly outcome: Outcome;
	readonly status: number;
	readonly data: Reply["body"]["data"];
};

/** Tries, a quarter of a second apart: longer than a key may be held by a request that died. */
const PATIENCE = 120;

const outcomeOf = ({ status, body }: Reply): Outcome => {
	if (status < 300) return "ok";
	return status >= 500 || body.code === "IDEMPOTENCY_IN_PROGRESS" ? "unknown" : "refused";
};

/** Somebody with an account; signs in again when the token has run out. Every request is counted in the ledger. */
export class Customer {
	private token: string | undefined;

	constructor(
		readonly client: Client,
		private readonly ledger: Ledger,
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
		const answer = await this.tried(method, path, body, key);
		this.ledger.count(operation, answer.outcome, performance.now() - at);
		// Who got no answer waits before asking for the next thing; a shop that is down would be asked a thousand times a second.
		if (answer.outcome === "unknown") await pause(250);
		return answer;
	}

	/** Outside the count: for setting up and for judging, where waiting for an answer is right. */
	async mustSend(method: string, path: string, body?: unknown, key?: string): Promise<Answer["data"]> {
		for (let tries = 0; ; tries++) {
			const answer = await this.tried(method, path, body, key);
			if (answer.outcome === "ok") return answer.data;
			if (answer.outcome === "refused" || tries === PATIENCE)
				throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.data)}`);
			await pause(250);
		}
	}

	private async tried(method: string, path: string, body?: unknown, key?: string): Promise<Answer> {
		try {
			this.token ??= await this.client.signIn(this.phone, this.password);
			const reply = await this.client.http(method, path, {
				token: this.token,
				...(body !== undefined && { body }),
				...(key && { key })
			});
			if (reply.status !== 401)
				return { outcome: outcomeOf(reply), status: reply.status, data: reply.body.data };
			this.token = undefined;
			return await this.tried(method, path, body, key);
		} catch {
			return { outcome: "unknown", status: 0, data: null };
		}
	}
}
