import { setTimeout as pause } from "node:timers/promises";

/** A server that a start needs. */
export type NeededServer = {
	readonly name: "NATS" | "MongoDB" | "Redis" | "OpenSearch";
	/** The environment variable that holds its address. */
	readonly variable: "NATS_URL" | "MONGO_URL" | "REDIS_URL" | "SEARCH_URL";
	/** Its hosts and ports, without user and password. */
	readonly hosts: string;
	/** Rejects when the server can't be used now. */
	readonly connect: () => Promise<unknown>;
};

export type WaitOptions = {
	readonly timeoutMs: number;
	/** Gets one line before each retry. */
	readonly report: (line: string) => void;
	/** The first pause between two attempts; 1 s by default. */
	readonly pauseMs?: number;
};

const MAX_PAUSE_MS = 10_000;

/**
 * Connects to a server, again after ever longer pauses until `timeoutMs` are over. Rejects at once where the server answers
 * and refuses, since waiting would not help. Every message is one line with the server's address and variable.
 */
export async function waitForServer(
	server: NeededServer,
	{ timeoutMs, report, pauseMs = 1_000 }: WaitOptions
): Promise<void> {
	const { name, variable, hosts, connect } = server;
	const deadline = Date.now() + timeoutMs;
	for (let retry = 1; ; retry++)
		try {
			await connect();
			return;
		} catch (err) {
			const why = describeCause(err);
			if (isRefusedByServer(why))
				throw new Error(
					`${name} 拒绝连接，请检查 ${variable} / ${name} at ${hosts} refuses this shop, see ${variable}: ${why}`,
					{ cause: err }
				);
			const leftMs = deadline - Date.now();
			if (leftMs <= 0)
				throw new Error(
					`${name} 在 ${timeoutMs / 1000} 秒内没有应答，它在运行吗？${variable} 对吗？ / ` +
						`${name} at ${hosts} did not answer within ${timeoutMs / 1000} s: is it running, and is ${variable} right? (${why})`,
					{ cause: err }
				);
			const left = Math.ceil(leftMs / 1000);
			report(
				`${name}（${variable}）没有应答，第 ${retry} 次重试，还剩 ${left} 秒 / ` +
					`${name} at ${hosts} (${variable}) does not answer: retry ${retry}, ${left} s left (${why})`
			);
			await pause(Math.min(pauseMs * 2 ** (retry - 1), MAX_PAUSE_MS, leftMs));
		}
}

/** The message of the error's first cause; its code where it has no message, as an attempt at several addresses. */
export function describeCause(err: unknown): string {
	if (!(err instanceof Error)) return String(err);
	if (err.cause instanceof Error) return describeCause(err.cause);
	const code = "code" in err && typeof err.code === "string" ? err.code : err.name;
	return (err.message || code).replaceAll(/\s+/g, " ");
}

/** Whether the server wants another user or password. */
const isRefusedByServer = (why: string) =>
	/WRONGPASS|NOAUTH|NOPERM|Authentication failed|Authorization Violation|requires authentication/i.test(
		why
	);
