import { Refusal } from "../schemas/errors/errors";
import { readBoundedBody } from "./http-exchange";
import type { SearchEngineAccount } from "./search-settings";

export type EngineReply = { readonly status: number; readonly body: unknown };
export type EngineRequest = {
	readonly method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
	/** With its query, and without a slash before it. */
	readonly path: string;
	/** A value that is sent as JSON, or lines of JSON. */
	readonly body?: object | string;
	readonly timeoutMs?: number;
	/** Statuses beside 2xx that are answers, and no errors. */
	readonly expected?: readonly number[];
};

/**
 * Names of indexes have no capital letters and don't begin with `-` or `_`. Neither `.` nor `~` stands in a namespace, so that
 * no shop's prefix begins as another's.
 */
export const toIndexPrefix = (namespace: string): string =>
	`shop-${namespace.replace(/[A-Z]/g, letter => `.${letter.toLowerCase()}`)}~`;

const TIMEOUT_MS = 1_000;
/** For so long no request is sent after no node has answered one, so that requests don't queue up behind an engine that is away. */
const AWAY_MS = 2_000;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const TOO_MANY_REQUESTS = 429;

/**
 * The REST interface of OpenSearch, and of Elasticsearch as far as both have it. A node that does not answer is left aside for
 * the next one; the shop's requests may all be repeated. Throws SERVICE_UNAVAILABLE where no node answers.
 */
export class SearchEngineClient {
	/** The node that answered last. */
	private current = 0;
	private awayUntil = 0;

	constructor(
		private readonly account: SearchEngineAccount,
		/** What the names of this shop's indexes begin with. */
		readonly prefix: string
	) {}

	get hosts(): string {
		return this.account.nodes.map(url => new URL(url).host).join(",");
	}

	/** Throws, with a message for the operator, when there is no search engine, or another version than the shop can use. */
	async probe(): Promise<void> {
		const { status, body } = await this.sendTo(this.account.nodes[this.current] ?? "", {
			method: "GET",
			path: "",
			expected: [401, 403]
		});
		if (status === 401 || status === 403)
			throw new Error("requires authentication: it refuses this user and password");
		const { version } = body as { version?: { number?: string; distribution?: string } };
		const major = Number(version?.number?.split(".")[0]);
		if (!(major >= (version?.distribution === "opensearch" ? 2 : 7)))
			throw new Error(`is no OpenSearch from version 2 on: ${JSON.stringify(version)}`);
	}

	async send<T = unknown>(request: EngineRequest): Promise<{ readonly status: number; readonly body: T }> {
		const { nodes } = this.account;
		if (performance.now() < this.awayUntil) throw away("has not answered a moment ago");
		let last = "";
		for (let tries = 0; tries < Math.max(2, nodes.length); tries++) {
			const node = this.current % nodes.length;
			try {
				return (await this.sendTo(nodes[node] ?? "", request)) as { status: number; body: T };
			} catch (err) {
				if (!(err instanceof NoAnswer)) throw err;
				last = err.message;
				if (err.isTimeout && nodes.length === 1) break;
				if (this.current % nodes.length === node) this.current = (node + 1) % nodes.length;
			}
		}
		this.awayUntil = performance.now() + AWAY_MS;
		throw away(last);
	}

	/** Deletes the indexes of this shop. */
	async deleteIndexes(): Promise<void> {
		const { body } = await this.send<Readonly<Record<string, unknown>>>({
			method: "GET",
			path: `${this.prefix}*/_alias`
		});
		for (const index of Object.keys(body))
			await this.send({ method: "DELETE", path: encodeURIComponent(index), expected: [404] });
	}

	private async sendTo(
		node: string,
		{ method, path, body, timeoutMs = TIMEOUT_MS, expected = [] }: EngineRequest
	): Promise<EngineReply> {
		const { authorization } = this.account;
		const response = await this.exchange(`${node}/${path}`, {
			method,
			headers: {
				...(authorization !== null && { Authorization: authorization }),
				"Content-Type": typeof body === "string" ? "application/x-ndjson" : "application/json"
			},
			...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
			redirect: "error", // To follow a redirect would send the password elsewhere.
			signal: AbortSignal.timeout(timeoutMs)
		});
		const { status, text } = response;
		if (status >= 500 || status === TOO_MANY_REQUESTS) throw new NoAnswer(`answers ${status}`);
		if (status >= 300 && !expected.includes(status))
			throw new Error(`The search engine refuses ${method} ${path}: ${status} ${text.slice(0, 500)}`);
		return { status, body: text === "" ? null : JSON.parse(text) };
	}

	private async exchange(url: string, init: RequestInit): Promise<{ status: number; text: string }> {
		try {
			const response = await fetch(url, init);
			const bytes = await readBoundedBody(response, MAX_ANSWER_BYTES);
			if (!bytes) throw new NoAnswer("sends too much");
			return { status: response.status, text: bytes.toString() };
		} catch (err) {
			if (err instanceof NoAnswer) throw err;
			const name = err instanceof Error ? err.name : "";
			throw new NoAnswer(`can't be reached (${name})`, {
				isTimeout: name === "TimeoutError",
				cause: err
			});
		}
	}
}

const away = (detail: string) =>
	new Refusal("SERVICE_UNAVAILABLE", `The search engine ${detail}`, { retryAfter: 1 });

/** A node of the search engine does not answer, or can't just now. */
class NoAnswer extends Error {
	readonly isTimeout: boolean;

	constructor(
		message: string,
		{ isTimeout = false, cause }: { isTimeout?: boolean; cause?: unknown } = {}
	) {
		super(message, { cause });
		this.isTimeout = isTimeout;
	}
}
