import { randomUUID } from "node:crypto";
import { IncomingMessage, ServerResponse, type Server } from "node:http";
import type { Service, ServiceSchema } from "moleculer";
import ApiGateway from "moleculer-web";
import { cacheListenerMixin } from "../../mixins/cache.mixin";
import { factsMixin, type FactLog } from "../../mixins/facts.mixin";
import { getConfig } from "../../mixins/config.mixin";
import { showCounter } from "../../mixins/metrics.mixin";
import { getSharedCounters, logError } from "../../mixins/platform";
import { notFound, Refusal } from "../../schemas/errors/errors";
import type { Lang } from "../../schemas/errors/messages";
import { API_BASE } from "../../schemas/kit/contract";
import type { Meta } from "../../schemas/kit/service";
import { contracts } from "../../schemas/registry";
import { settings } from "../../settings";
import { logWhenAnswered, type RequestNotes } from "./access-log";
import { API_METRICS } from "./api.metrics";
import { AuditLimits } from "./audit-limits";
import { AuditTrail } from "./audit-trail";
import { AnswerCache } from "./answer-cache";
import { closeServer } from "./close-server";
import { buildCorsHeaders } from "./cors";
import { Endpoint } from "./endpoint";
import {
	chooseLanguage,
	sendEnvelope,
	sendCachedEnvelope,
	toCacheKey,
	toGuestKey,
	VARY,
	type Envelope
} from "./envelope";
import { toErrorAnswer } from "./error-answer";
import { JoinedRoutes } from "./joined-routes";
import { createHostCheck } from "./own-host";
import { readClientAddress, RateLimits } from "./rate-limits";
import { createRequestMeter } from "./request-meter";
import { describeDevice, type Request } from "./request";
import { sendText } from "./send-text";
import { EVENT_ROUTES } from "./live-events/event-routes";
import { LiveEvents } from "./live-events/live-events";
import { findPage } from "./static-pages";
import { findSubjectRoute } from "./subject-changes";
import { SECURITY_HEADERS } from "./security-headers";
import { listRoutes, toAlias, type Route } from "./routes";
import { traceRequest } from "./trace-request";
import { UploadLimits } from "./upload-limits";
import { systemAliases } from "./system-routes";

type Members = {
	server: Server;
	draining: boolean;
	limits: RateLimits | null;
	answers: AnswerCache;
	measure: ReturnType<typeof createRequestMeter>;
	/** The log of facts. */
	facts: FactLog;
	liveEvents: LiveEvents;
	listenForChanges(listener: (tags: readonly string[]) => void): void;
	answerRequest(req: IncomingMessage, res: ServerResponse): Promise<void>;
	refuseHost(req: IncomingMessage, res: ServerResponse): Promise<void>;
	findCached(req: IncomingMessage, lang: Lang): Envelope | undefined;
	sendFromCache(req: IncomingMessage, res: ServerResponse, cached: Envelope): Promise<void>;
	sendFailure: typeof sendFailure;
	addRoute(route: object): void;
	joined: JoinedRoutes<Handler>;
	serveRoutes(): void;
	serveAliases(aliases: Readonly<Record<string, Handler>>): void;
};
type Gateway = Service & Members;
type Handler = (req: Request, res: ServerResponse) => Promise<void>;

/** Answers an error. Moleculer-web calls it for errors outside of endpoints, with a request that may have no context yet. */
function sendFailure(
	this: Gateway,
	req: IncomingMessage & Partial<Pick<Request, "$ctx">>,
	res: ServerResponse,
	err: unknown
): void {
	const ctx = req.$ctx;
	const lang = ctx?.meta.lang ?? chooseLanguage(req.headers["accept-language"]);
	const error = toErrorAnswer(err, lang, "action" in req ? String(req.action) : undefined);
	const answer = { ...error, headers: { ...ctx?.meta.$responseHeaders, ...error.headers } };
	Object.assign(req, { errorCode: answer.code } satisfies RequestNotes);
	if (answer.code === "INTERNAL_ERROR")
		logError(this.logger, "REQUEST_FAILED", {
			err,
			requestId: ctx?.requestID,
			method: req.method,
			path: req.url?.split("?")[0]
		});
	if (res.headersSent) res.destroy();
	else void sendEnvelope(req, res, answer, lang, ctx?.requestID ?? sentRequestId(res));
}

/** Development may be reached by any name. */
const isOwnHost = createHostCheck(settings.production ? settings.publicUrl : "");

const requestIds = new WeakMap<IncomingMessage, string>();
/** The caller's request id if it is fit for a log, otherwise a new one; the same whenever it is asked for. */
function requestIdOf(req: IncomingMessage): string {
	const known = requestIds.get(req);
	if (known) return known;
	const sent = req.headers["x-request-id"];
	const id = typeof sent === "string" && /^[\w.:-]{1,128}$/.test(sent) ? sent : randomUUID();
	requestIds.set(req, id);
	return id;
}
const sentRequestId = (res: ServerResponse) => String(res.getHeader("X-Request-Id"));

/** Longer than load balancers keep idle connections (60 s). Closing first could cut off a request on its way: a 502. */
const KEEP_ALIVE_MS = 65_000;

type Inherited = {
	httpHandler(req: IncomingMessage, res: ServerResponse): Promise<void>;
	resolveAlias(url: string, method: string): unknown;
};
const inherited = ApiGateway.methods as unknown as Inherited;

/** How the keys begin under which gateways count together in Redis: `limiters.ts` and `live-events/stream-counts.ts`. */
const COUNTER_PREFIXES = ["limits.", "event-streams:"];

/** The gateway: HTTP to actions and back. Every route comes from a contract; there are no business rules here. */
const gateway: ServiceSchema<object, Members, object, Gateway> = {
	name: "api",
	mixins: [ApiGateway, cacheListenerMixin as ServiceSchema, factsMixin as ServiceSchema],
	dependencies: ["config"],
	metadata: { keyPrefixes: COUNTER_PREFIXES },
	settings: {
		port: settings.port,
		ip: settings.host,
		logRequest: null,
		logRequestParams: null,
		logResponse: null,
		logRouteRegistration: null,
		requestTimeout: 30_000,
		rootCallOptions(
			options: { requestID?: string; meta?: Meta },
			req: IncomingMessage,
			res: ServerResponse
		) {
			options.requestID = sentRequestId(res);
			options.meta = {
				receivedAt: new Date().toISOString(),
				lang: chooseLanguage(req.headers["accept-language"]),
				ip: readClientAddress(req, settings.trustedProxies),
				...describeDevice(req)
			};
		},
		routes: []
	},
	actions: {
		// Requests in the queue of one route would use up the bulkhead for all other routes.
		rest: { bulkhead: { enabled: false } },
		listAliases: false,
		addRoute: false,
		removeRoute: false
	},
	created(this: Gateway) {
		this.draining = false;
		this.server.keepAliveTimeout = KEEP_ALIVE_MS;
		const config = getConfig(this.broker);
		this.limits = settings.limitsPerIp ? new RateLimits(config, getSharedCounters()) : null;
		const uploads = new UploadLimits(config, getSharedCounters());
		this.answers = new AnswerCache();
		this.listenForChanges(tags => this.answers.drop(tags));
		showCounter(this.broker, API_METRICS.fromCache, {}, () => this.answers.hits);
		this.measure = createRequestMeter(this.broker);
		const aliases: Record<string, Handler> = systemAliases(this);
		const audit = new AuditTrail(new AuditLimits(config, getSharedCounters(), settings.limitsPerIp));
		const shopRoutes = listRoutes(contracts);
		const createHandler = (route: Route): Handler => {
			const subject = findSubjectRoute(route, shopRoutes);
			const endpoint = new Endpoint(route, subject, audit, this.limits, uploads, this.answers);
			return (req, res) => endpoint.handle(Object.assign(req, { action: route.name }), res);
		};
		for (const route of shopRoutes) aliases[toAlias(route)] = createHandler(route);
		this.liveEvents = new LiveEvents(this, this.facts, getSharedCounters(), audit);
		for (const route of EVENT_ROUTES)
			aliases[`GET ${API_BASE}${route.path}`] = (req, res) =>
				this.liveEvents.open(
					route,
					Object.assign(req, { isStream: true } satisfies RequestNotes),
					res
				);
		this.joined = new JoinedRoutes(this.broker, shopRoutes, Object.keys(aliases), createHandler);
		this.serveRoutes = () => this.serveAliases({ ...this.joined.handlers, ...aliases });
		this.serveRoutes();
	},
	events: {
		"$services.changed"(this: Gateway) {
			if (this.joined.refresh()) this.serveRoutes();
		}
	},
	methods: {
		/** Answers these requests, in place of those before. */
		serveAliases(this: Gateway, aliases: Readonly<Record<string, Handler>>) {
			const handlers = Object.entries(aliases).map(([route, handle]) => [
				route,
				(req: Request, res: ServerResponse) =>
					void handle(Object.assign(req, { route } satisfies RequestNotes), res).catch(
						(err: unknown) => this.sendFailure(req, res, err)
					)
			]);
			this.addRoute({
				path: "/",
				name: "contract",
				mappingPolicy: "restrict",
				pathToRegexpOptions: { sensitive: true, trailing: false },
				mergeParams: false,
				bodyParsers: false,
				logging: false,
				aliases: Object.fromEntries(handlers) as object
			});
		},
		sendFailure,
		sendError: sendFailure,
		/** Answers from the cache where it can, before anything else is done for the request. */
		httpHandler(this: Gateway, req: IncomingMessage, res: ServerResponse): Promise<void> {
			logWhenAnswered(this.logger, req, res, requestIdOf(req));
			this.measure(req, res);
			const { host } = req.headers;
			if (!isOwnHost(host, req.url ?? "/")) return this.refuseHost(req, res);
			const isRead = req.method === "GET" || req.method === "HEAD";
			const lang = chooseLanguage(req.headers["accept-language"]);
			const cached = isRead && this.findCached(req, lang);
			if (cached) return this.sendFromCache(req, res, cached);
			return traceRequest(req, res, requestIdOf(req), () => this.answerRequest(req, res));
		},
		async refuseHost(this: Gateway, req: IncomingMessage, res: ServerResponse): Promise<void> {
			res.setHeader("X-Request-Id", requestIdOf(req));
			this.sendFailure(
				req,
				res,
				new Refusal("FORBIDDEN", "The Host header names no host of this shop")
			);
		},
		/** A signed-in caller of a route for guests too gets an answer of his own. */
		findCached(this: Gateway, req: IncomingMessage, lang: Lang): Envelope | undefined {
			const key = toCacheKey(lang, req.url ?? "/");
			const ofAnybody = this.answers.find(key);
			if (ofAnybody ?? req.headers.authorization !== undefined) return ofAnybody;
			return this.answers.find(toGuestKey(key));
		},
		async sendFromCache(this: Gateway, req: IncomingMessage, res: ServerResponse, cached: Envelope) {
			const allowed = buildCorsHeaders(req.headers, { isPreflight: false }, settings);
			const ip = readClientAddress(req, settings.trustedProxies);
			let left = new Map<string, string>();
			try {
				await this.limits?.countRequest({ method: "GET", path: "" }, ip, shown => (left = shown));
			} catch {
				return this.answerRequest(req, res); // which refuses it again, in the right words
			}
			if (!allowed) return this.answerRequest(req, res);
			this.answers.hits++;
			Object.assign(req, { route: cached.route });
			const headers = [...SECURITY_HEADERS, ...Object.entries(allowed).flat(), ...[...left].flat()];
			if (this.draining) headers.push("Connection", "close");
			await sendCachedEnvelope(req, res, cached, headers, requestIdOf(req));
		},
		/** Sets the headers of every response. OPTIONS is answered here, so that it never runs an action. */
		async answerRequest(this: Gateway, req: IncomingMessage, res: ServerResponse) {
			for (let n = 0; n < SECURITY_HEADERS.length; n += 2)
				res.setHeader(SECURITY_HEADERS[n] ?? "", SECURITY_HEADERS[n + 1] ?? "");
			res.setHeader("X-Request-Id", requestIdOf(req));
			res.setHeader("Vary", VARY);
			if (this.draining) res.setHeader("Connection", "close");
			const isPreflight =
				req.method === "OPTIONS" && req.headers["access-control-request-method"] !== undefined;
			if (req.method === "OPTIONS" && !isPreflight) return res.writeHead(204).end();
			const page =
				req.method === "GET" || req.method === "HEAD" ? await findPage(req.url ?? "/") : null;
			if (page) return sendText(req, res, page);
			const allowed = buildCorsHeaders(req.headers, { isPreflight }, settings);
			if (!allowed)
				return this.sendFailure(req, res, new Refusal("FORBIDDEN", "The origin may not call"));
			for (const [name, value] of Object.entries(allowed)) res.setHeader(name, value);
			if (isPreflight) return res.writeHead(204).end();
			// Moleculer-web would drop the slash: a path has one spelling, also for a proxy that allows or denies by it.
			if (/^[^?]+\/(\?|$)/.test(req.url ?? "")) return this.sendFailure(req, res, notFound("path"));
			return inherited.httpHandler.call(this, req, res);
		},
		resolveAlias(this: Gateway, url: string, method: string) {
			return inherited.resolveAlias.call(this, url, method === "HEAD" ? "GET" : method);
		},
		/** Stops so that no client loses a request. From now on `/health/ready` answers 503, so that balancers send no more. */
		async drain(this: Gateway, timeoutMs: number): Promise<void> {
			this.draining = true;
			await this.liveEvents.stop();
			await closeServer(this.server, { graceMs: settings.stopGraceMs, timeoutMs });
		}
	}
};
export default gateway;
