import { createHash, randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Errors, type Context } from "moleculer";
import { Refusal } from "../../schemas/errors";
import type { Action, Http, Role } from "../../schemas/kit/contract";
import type { Meta } from "../../schemas/kit/service";
import { compileProjection } from "../../schemas/projection";
import { call } from "../../schemas/registry";
import { truncate } from "../../schemas/text";
import { rawResponse, type RawResponse } from "../../schemas/http.contract";
import { settings } from "../../settings";
import { Admission } from "./admission-queue";
import { sendEnvelope, type Answer } from "./envelope";
import { toErrorAnswer } from "./error-answer";
import { createJsonParser, readImage, readJson, readRaw } from "./read-body";
import { bodyLimit } from "./body-limit";
import type { RateLimits } from "./rate-limits";
import { readParams } from "./read-params";
import { withDeadline, retryUntil } from "./deadline";

/** A request on its way: what moleculer-web put on it. */
export type Request = IncomingMessage & {
	readonly $ctx: Context<unknown, Meta>;
	readonly $params: { readonly params?: Readonly<Record<string, unknown>> };
	readonly originalUrl: string;
};
type Published = Action & { readonly http: Http };

const PATIENCE_MS = settings.requestTimeoutMs;
/** So that enough of it is left for what was asked: after that, nothing is begun. */
const IDENTIFIED_IN_MS = 0.75 * PATIENCE_MS;
/** For what comes after the call: its outcome is noted before the client hears of it, if that is possible. */
const GRACE_MS = 500;

/** A route of the gateway: rate limit, admission, authentication, policy, body, parameters, idempotency, call, audit, answer; in this order. */
export class Endpoint {
	private readonly cut;
	private readonly json;
	private readonly admission;

	constructor(
		private readonly name: string,
		private readonly action: Published,
		private readonly limits: RateLimits | null
	) {
		this.cut = compileProjection(action.answer);
		this.json = createJsonParser(bodyLimit(action, action.http));
		this.admission = new Admission(action.http.atOnce, settings.requestTimeoutMs / 2);
	}

	async handle(req: Request, res: ServerResponse): Promise<void> {
		const ctx = req.$ctx;
		const { http } = this.action;
		if (this.limits) await this.limit(this.limits, ctx.meta.ip ?? "unknown");
		const cameAt = Date.now();
		const visit = this.admission.visit();
		await visit.arrive(async () => {
			await this.authenticate(ctx, req.headers.authorization, cameAt + IDENTIFIED_IN_MS);
			await this.authorize(ctx, req);
		});
		const patienceMs = cameAt + PATIENCE_MS - Date.now();
		const cartId = req.headers["x-cart-id"];
		if (typeof cartId === "string") ctx.meta.cartId = cartId.slice(0, 128);
		if (http.raw) return this.answerRaw(ctx, req, res);
		const params = await this.params(req, res);
		// From here on nothing waits for the client: a place is never held by one that is slow.
		const deadline = Date.now() + patienceMs;
		const answer = await withDeadline(
			deadline + GRACE_MS,
			visit.finish(async () => {
				if (res.destroyed) return null; // gone while it waited: nothing is begun
				return http.keyed
					? await this.once(ctx, params, deadline)
					: await this.run(ctx, params, deadline);
			})
		);
		if (answer) sendEnvelope(req, res, answer, ctx.meta.lang ?? "zh", ctx.requestID ?? "");
	}

	private async limit(limits: RateLimits, ip: string): Promise<void> {
		await limits.count("limits.perMinute", ip);
		if (this.action.http.method !== "GET") await limits.count("limits.writesPerMinute", ip);
		if (this.action.http.path.startsWith("/auth/")) await limits.count("limits.authPerMinute", ip);
	}

	private async authenticate(
		ctx: Request["$ctx"],
		header: string | undefined,
		deadline: number
	): Promise<void> {
		const { policy } = this.action.http;
		if (policy === "public") return;
		const token = /^Bearer\s+(\S+)$/i.exec(header ?? "")?.[1];
		if (!token) {
			if (policy === "guest" && header === undefined) return;
			throw new Refusal("UNAUTHORIZED", "A bearer token is needed");
		}
		try {
			// Half the time, as from service to service: sent to a process that died, it can be tried again.
			ctx.meta.user = await retryUntil(
				{ deadline, tryMs: PATIENCE_MS / 2, repeatable: true },
				options => call(ctx, "auth.authenticate", { token }, options)
			);
		} catch (err) {
			if (!(err instanceof Errors.RequestTimeoutError)) throw err;
			// Not a time-out of what was asked for: of that nothing is begun.
			throw new Refusal("SERVICE_UNAVAILABLE", "Authentication takes too long", { retryAfter: 1 });
		}
	}

	private async authorize(ctx: Request["$ctx"], req: Request): Promise<void> {
		const { policy } = this.action.http;
		if (typeof policy === "string") return;
		const allowed = (role: Role) => role === "admin" || policy.includes(role);
		if (ctx.meta.user?.roles.some(allowed)) return;
		await this.audit(ctx, { ...req.$params.params }, "FORBIDDEN");
		throw new Refusal("FORBIDDEN", "The role is missing");
	}

	private async params(req: Request, res: ServerResponse): Promise<Record<string, unknown>> {
		const { http } = this.action;
		const reads = http.method === "GET" || http.method === "DELETE" || http.upload !== undefined;
		const body = reads ? {} : await readJson(this.json, req, res);
		const image = http.upload === undefined ? undefined : await readImage(req, http.upload);
		const query = new URL(req.originalUrl, "http://gateway").searchParams;
		const key = http.keyed ? keyOf(req.headers["idempotency-key"]) : undefined;
		return readParams(this.action, http, { path: req.$params.params ?? {}, query, body, key, image });
	}

	private async run(
		ctx: Request["$ctx"],
		params: Record<string, unknown>,
		deadline: number
	): Promise<Answer> {
		const { http } = this.action;
		try {
			const data = this.cut(await this.ask(ctx, params, deadline));
			if (http.audited) await this.audit(ctx, params, "OK");
			return { status: http.status, code: "OK", data, headers: ctx.meta.$responseHeaders ?? {} };
		} catch (err) {
			if (http.audited) await this.audit(ctx, params, toErrorAnswer(err, "en", this.name).code);
			throw err;
		}
	}

	/** By name, so that the broker's balancer or the bus picks the node, and another try can go to another. */
	private ask(ctx: Request["$ctx"], params: Record<string, unknown>, deadline: number): Promise<unknown> {
		const { repeatable } = this.action;
		return retryUntil({ deadline, tryMs: PATIENCE_MS, repeatable }, options =>
			ctx.call<unknown, object>(this.name, { ...params }, options)
		);
	}

	/** One execution per key: what a first request answered is answered again, until its record expires. */
	private async once(
		ctx: Request["$ctx"],
		params: Record<string, unknown>,
		deadline: number
	): Promise<Answer> {
		const { key, ...content } = params;
		const fingerprint = createHash("sha256").update(canonical(content)).digest("base64url");
		const userId = ctx.meta.user?.id ?? "anonymous";
		const scope = { userId, route: this.name, key: String(key) };
		const claimId = randomUUID();
		const claim = await call(ctx, "idempotency.claim", { ...scope, fingerprint, claimId });
		if (claim.verdict === "running")
			throw new Refusal("IDEMPOTENCY_IN_PROGRESS", "The first request still runs");
		if (claim.verdict === "reused")
			throw new Refusal("IDEMPOTENCY_KEY_REUSED", "The key came with another request");
		if (claim.verdict === "replay") return replayed(claim.status, claim.body);
		try {
			const { headers, ...answer } = await this.run(ctx, params, deadline);
			await call(ctx, "idempotency.complete", { claimId, status: answer.status, body: answer });
			return { ...answer, ...(headers && { headers }) };
		} catch (err) {
			const { status, code, data } = toErrorAnswer(err, "en", this.name);
			// A refusal by the shop's rules is an answer; anything else may end otherwise when it is tried again.
			if (status === 404 || (status === 409 && code !== "IDEMPOTENCY_IN_PROGRESS")) {
				await call(ctx, "idempotency.complete", { claimId, status, body: { status, code, data } });
			} else
				await call(ctx, "idempotency.release", { claimId, unknown: status >= 500 || status === 409 });
			throw err;
		}
	}

	private async audit(
		ctx: Request["$ctx"],
		params: Record<string, unknown>,
		outcome: string
	): Promise<void> {
		const { user, ip, provenId } = ctx.meta;
		const record = {
			by: user?.id ?? provenId ?? null,
			roles: user?.roles.join(",") ?? null,
			what: this.name,
			params: withoutSecrets(params),
			outcome,
			ip: ip ?? null,
			requestId: ctx.requestID ?? null
		};
		// The change stands; that it could not be noted is for the operators, not for the caller.
		await call(ctx, "audit.record", record).catch((err: unknown) =>
			ctx.broker.logger.error(
				{ err, what: this.name, requestId: ctx.requestID },
				"Not in the audit log"
			)
		);
	}

	private async answerRaw(ctx: Request["$ctx"], req: Request, res: ServerResponse): Promise<void> {
		const url = new URL(req.originalUrl, "http://gateway");
		const body = await readRaw(req, res);
		const headers = Object.fromEntries(
			Object.entries(req.headers).map(([name, value]) => [name, String(value)])
		);
		const query = Object.fromEntries(url.searchParams);
		const { params = {} } = req.$params;
		const path = Object.fromEntries(
			Object.entries(params).filter(([name]) => Object.hasOwn(this.action.params, name))
		);
		const raw = { method: req.method ?? "GET", path: url.pathname, query, search: url.search, headers };
		const sent = { ...raw, ...path, body: body.toString("base64") };
		const answer = cutRaw(await this.ask(ctx, sent, Date.now() + PATIENCE_MS)) as RawResponse;
		const { status, headers: answered, body: bytes } = answer;
		if (!res.headersSent) res.writeHead(status, answered).end(Buffer.from(bytes, "base64"));
	}
}

const cutRaw = compileProjection(rawResponse);

function keyOf(header: string | string[] | undefined): string {
	const key = typeof header === "string" ? header.replace(/^"(.*)"$/, "$1") : "";
	if (!/^[\x21-\x7e]{8,128}$/.test(key))
		throw new Refusal("IDEMPOTENCY_KEY_REQUIRED", "Idempotency-Key is missing or unfit");
	return key;
}

function replayed(status: number | undefined, body: unknown): Answer {
	const { code, data } = body as Answer; // as `complete` was given it
	return { status: status ?? 200, code, data, headers: { "Idempotency-Replayed": "true" } };
}

/** JSON with sorted keys, so that the same content has the same text. */
function canonical(value: unknown): string {
	if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
	if (typeof value !== "object" || value === null) return JSON.stringify(value);
	const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
	return `{${entries.map(([key, v]) => `${JSON.stringify(key)}:${canonical(v)}`).join(",")}}`;
}

function withoutSecrets(params: Record<string, unknown>): Record<string, unknown> {
	const hidden = /password|secret|token|code$/i;
	const short = (value: unknown) => {
		const json = JSON.stringify(value);
		const kept = truncate(json, 2000);
		return kept === json ? value : `${kept}…`;
	};
	return Object.fromEntries(
		Object.entries(params).map(([key, value]) => [key, hidden.test(key) ? "[hidden]" : short(value)])
	);
}
