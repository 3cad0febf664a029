import type { ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { Refusal } from "../../schemas/errors/errors";
import { rawResponse, type RawResponse } from "../../schemas/http.contract";
import type { Action, Http, PictureForm } from "../../schemas/kit/contract";
import type { Caller, Ctx } from "../../schemas/kit/service";
import { compileProjection } from "../../schemas/kit/projection";
import { commitTogether } from "../../mixins/platform";
import { settings } from "../../settings";
import { noteOrder, type RequestNotes } from "./access-log";
import { AdmissionQueue } from "./admission-queue";
import type { AnswerCache } from "./answer-cache";
import type { AuditTrail } from "./audit-trail";
import { authenticate, findRefusal } from "./authenticate";
import { computeBodyLimit } from "./body-limit";
import { retryUntil, withDeadline } from "./deadline";
import { Envelope, sendEnvelope, toCacheKey, toGuestKey, type Answer } from "./envelope";
import { toErrorAnswer } from "./error-answer";
import type { RateLimits } from "./rate-limits";
import { createJsonParser, readJson, readRaw } from "./read-body";
import { readParams } from "./read-params";
import { receiveFile } from "./receive-file";
import { listSecretNames } from "./recorded-params";
import { sendPieces, type Piece } from "./send-pieces";
import { readPicture, type SentPicture } from "./read-picture";
import type { Request } from "./request";
import type { UploadLimits } from "./upload-limits";
import { readIdempotencyKey, runOnce } from "./run-once";
import { sendText } from "./send-text";
import type { Route } from "./routes";
import { compareViews, listPathParams, type Changes } from "./subject-changes";

type Params = Readonly<Record<string, unknown>>;

const REQUEST_MS = settings.requestTimeoutMs;
/** Authentication must end within this time. Later the request is refused with 503 and nothing of it is begun. */
const AUTHENTICATION_MS = 0.75 * REQUEST_MS;
/** Time for what follows the call: recording its outcome before the client gets the answer. */
const RECORDING_MS = 500;
/** Most of the time in which a request waits for what it changes, as staff see it: most of its time is for the change itself. */
const SUBJECT_MS = REQUEST_MS / 4;

/** One route of the gateway. `handle` takes a request through the steps of docs/architecture.md, in their order. */
export class Endpoint {
	private readonly name: string;
	private readonly action: Action & { readonly http: Http };
	private readonly project;
	private readonly projectSubject;
	private readonly jsonParser;
	private readonly admission;
	private readonly secretNames;

	constructor(
		{ name, action }: Route,
		/** The route that shows what this one changes; null where there is none. */
		private readonly subject: Route | null,
		private readonly audit: AuditTrail,
		private readonly limits: RateLimits | null,
		private readonly uploads: UploadLimits,
		private readonly answers: AnswerCache
	) {
		this.name = name;
		this.action = action;
		this.project = compileProjection(action.answer);
		this.projectSubject = subject && compileProjection(subject.action.answer);
		this.jsonParser = createJsonParser(computeBodyLimit(action, action.http));
		this.secretNames = listSecretNames(action);
		this.admission = new AdmissionQueue(action.http.maxConcurrency, REQUEST_MS / 2);
	}

	async handle(req: Request & RequestNotes, res: ServerResponse): Promise<void> {
		const ctx = req.$ctx;
		const { http } = this.action;
		if (req.headers.authorization !== undefined) res.setHeader("Cache-Control", "no-store");
		if (http.limited)
			await this.limits?.countRequest(http, ctx.meta.ip ?? "unknown", left => res.setHeaders(left));
		const arrivedAt = Date.now();
		const request = this.admission.register();
		await request.runFirstPhase(async () => {
			await authenticate(ctx, http.policy, req.headers.authorization, arrivedAt + AUTHENTICATION_MS);
			await this.authorize(ctx, req.$params.params ?? {});
		});
		const remainingMs = arrivedAt + REQUEST_MS - Date.now();
		const cartId = req.headers["x-cart-id"];
		if (typeof cartId === "string") ctx.meta.cartId = cartId.slice(0, 128);
		if (http.raw) return this.handleRaw(ctx, req, res);
		if (http.file || http.pieces) return this.handleFile(ctx, req, res);
		const storeAnswer = this.answers.startEntry();
		const params = await this.readParams(ctx, req, res);
		noteOrder(req, this.name, params);
		// The body arrived on the client's own time. From here nothing waits for the client, so a slow one holds no permit.
		const deadline = Date.now() + remainingMs;
		const answer = await withDeadline(
			deadline + RECORDING_MS,
			request.runSecondPhase(async () => {
				if (res.destroyed) return null; // the client left while the request waited: nothing is begun
				const run = () => this.run(ctx, params, deadline);
				const claims = http.keyed && !http.replays;
				return this.commitTogether(() => (claims ? runOnce(ctx, this.name, params, run) : run()));
			})
		);
		if (!answer) return;
		noteOrder(req, this.name, params, answer.data);
		const lang = ctx.meta.lang ?? "zh";
		const envelope = new Envelope(answer, lang, req.route);
		const tags = this.listCacheTags(answer, ctx.meta.user);
		const key = toCacheKey(lang, req.originalUrl);
		if (tags) storeAnswer(http.policy === "guest" ? toGuestKey(key) : key, envelope, tags);
		await sendEnvelope(req, res, answer, lang, ctx.requestID ?? "", envelope);
	}

	/** The tags under which others may be given the same answer; null where it is this caller's alone. */
	private listCacheTags(
		{ status, data, headers }: Answer,
		user: Caller | null | undefined
	): readonly string[] | null {
		const { cacheTags, policy } = this.action.http;
		const isShared = policy === "public" || (policy === "guest" && !user);
		if (!cacheTags || !isShared || status !== 200) return null;
		if (Object.keys(headers ?? {}).length > 0) return null;
		return (cacheTags as (data: unknown) => readonly string[])(data);
	}

	/** Refuses a caller that the route does not admit. The audit log records FORBIDDEN: somebody tried a staff route. */
	private async authorize(ctx: Ctx<unknown>, pathParams: Params): Promise<void> {
		const { policy, stepUp } = this.action.http;
		const refusal = findRefusal(ctx.meta.user, policy, stepUp);
		if (refusal === "FORBIDDEN") await this.record(ctx, pathParams, refusal);
		if (refusal) throw new Refusal(refusal, "The route does not admit this session");
	}

	private async readParams(ctx: Ctx<unknown>, req: Request, res: ServerResponse): Promise<Params> {
		const { http } = this.action;
		const sent = http.upload && (await this.readUpload(ctx, req, http.upload));
		return readParams(this.action, http, {
			path: req.$params.params ?? {},
			query: new URL(req.originalUrl, "http://gateway").searchParams,
			body: sent ? this.selectKnown(sent.fields) : await this.readBody(req, res),
			image: sent?.image,
			key: http.keyed ? readIdempotencyKey(req.headers["idempotency-key"]) : undefined
		});
	}

	private async readBody(req: Request, res: ServerResponse): Promise<Params> {
		return this.action.http.hasBody ? readJson(this.jsonParser, req, res) : {};
	}

	/** The text fields of a form that the contract knows. */
	private selectKnown(fields: Readonly<Record<string, string>>): Params {
		const known = Object.entries(fields).filter(([name]) => Object.hasOwn(this.action.params, name));
		return Object.fromEntries(known);
	}

	/** Shoppers may upload so many pictures a day; staff, who fill the catalogue, any number. */
	private readUpload(ctx: Ctx<unknown>, req: Request, form: PictureForm): Promise<SentPicture> {
		const userId = ctx.meta.user?.id ?? ctx.meta.ip ?? "unknown";
		const isDaily = typeof this.action.http.policy === "string";
		return this.uploads.run(userId, { isDaily }, () => readPicture(req, form));
	}

	/**
	 * A route with a file in or out takes as long as its file: the writes of each piece are committed by themselves. A client
	 * that leaves ends a file on its way out, but no import.
	 */
	private async handleFile(ctx: Ctx<unknown>, req: Request, res: ServerResponse): Promise<void> {
		const { file: form, pieces, maxMs = REQUEST_MS } = this.action.http;
		const userId = ctx.meta.user?.id ?? ctx.meta.ip ?? "unknown";
		const file =
			form && (await this.uploads.run(userId, { isDaily: false }, () => receiveFile(ctx, req, form)));
		const deadline = Date.now() + maxMs;
		const params = readParams(this.action, this.action.http, {
			path: req.$params.params ?? {},
			query: new URL(req.originalUrl, "http://gateway").searchParams,
			body: {},
			image: undefined,
			file,
			key: undefined
		});
		if (pieces) {
			const read = (state: string | undefined) =>
				this.callAction(ctx, { ...params, ...(state !== undefined && { state }) }, deadline);
			return sendPieces(res, pieces, read as (state: string | undefined) => Promise<Piece>);
		}
		const answer = await this.run(ctx, params, deadline);
		await sendEnvelope(req, res, answer, ctx.meta.lang ?? "zh", ctx.requestID ?? "");
	}

	/** Lets the writes of a request share a commit; reads write rarely, and need not wait for each other. */
	private commitTogether<R>(run: () => Promise<R>): Promise<R> {
		return this.action.http.method === "GET" ? run() : commitTogether(run);
	}

	/** Calls the action, cuts its answer to the contract, and records the outcome where the route is audited. */
	private async run(ctx: Ctx<unknown>, params: Params, deadline: number): Promise<Answer> {
		const { http } = this.action;
		const before = await this.readSubject(ctx, params, deadline);
		try {
			const data = this.project(await this.callAction(ctx, params, deadline));
			if (http.audited)
				await this.record(
					ctx,
					params,
					"OK",
					compareViews(before, await this.readSubject(ctx, params, deadline))
				);
			return { status: http.status, code: "OK", data, headers: ctx.meta.$responseHeaders ?? {} };
		} catch (err) {
			if (http.audited) await this.record(ctx, params, toErrorAnswer(err, "en", this.name).code);
			throw err;
		}
	}

	/** A read waits only shortly for its entry, so that a slow audit log does not hold up what staff read; the entry is still written. */
	private async record(
		ctx: Ctx<unknown>,
		params: Params,
		outcome: string,
		changes: Changes | null = null
	): Promise<void> {
		const { name: action, secretNames } = this;
		const recording = this.audit.record(ctx, { action, params, secretNames, outcome, changes });
		if (this.action.http.method !== "GET") return recording;
		const giveUp = new AbortController();
		await Promise.race([
			recording,
			pause(RECORDING_MS, undefined, { signal: giveUp.signal }).catch(() => undefined)
		]);
		giveUp.abort();
	}

	/** What the request is about, as staff see it; null where there is nothing to see, or it can't be had soon. */
	private async readSubject(ctx: Ctx<unknown>, params: Params, deadline: number): Promise<unknown> {
		const timeout = Math.min(SUBJECT_MS, (deadline - Date.now()) / 2);
		if (!this.subject || timeout < 1) return null;
		const named = listPathParams(this.subject.path).map(name => [name, params[name]]);
		return ctx
			.call<unknown, object>(this.subject.name, Object.fromEntries(named) as object, {
				timeout,
				retries: 0
			})
			.then(this.projectSubject)
			.catch(() => null);
	}

	/** Calls by the action's name, so that the broker or the bus picks a node, and a retry can go to another one. */
	private callAction(ctx: Ctx<unknown>, params: Params, deadline: number): Promise<unknown> {
		const { repeatable } = this.action;
		return retryUntil(
			{ deadline, attemptMs: this.action.http.maxMs ?? REQUEST_MS, repeatable },
			options => ctx.call<unknown, object>(this.name, { ...params }, options)
		);
	}

	/** Hands the bare request to the action and writes its bare response, without parameters and envelope. */
	private async handleRaw(ctx: Ctx<unknown>, req: Request, res: ServerResponse): Promise<void> {
		const url = new URL(req.originalUrl, "http://gateway");
		const body = await readRaw(req, res);
		const headers = Object.entries(req.headers).map(([name, value]) => [name, String(value)]);
		const pathParams = Object.entries(req.$params.params ?? {}).filter(([name]) =>
			Object.hasOwn(this.action.params, name)
		);
		const params = {
			method: req.method ?? "GET",
			path: url.pathname,
			query: Object.fromEntries(url.searchParams),
			search: url.search,
			headers: Object.fromEntries(headers) as Params,
			...(Object.fromEntries(pathParams) as Params),
			body: body.toString("base64")
		};
		const call = () => this.callAction(ctx, params, Date.now() + REQUEST_MS);
		const answer = await this.commitTogether(call);
		const response = projectRaw(answer) as RawResponse;
		if (!res.headersSent)
			await sendText(req, res, { ...response, body: Buffer.from(response.body, "base64") });
	}
}

const projectRaw = compileProjection(rawResponse);
