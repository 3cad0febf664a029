import type { ServerResponse } from "node:http";
import type { ServiceBroker } from "moleculer";
import type { FactLog } from "../../../mixins/facts.mixin";
import { showGauge, showCounter } from "../../../mixins/metrics.mixin";
import { invalidFields, Refusal } from "../../../schemas/errors/errors";
import { call, events } from "../../../schemas/registry";
import { findBadTopic } from "../../../schemas/values/topics";
import { settings } from "../../../settings";
import { API_METRICS } from "../api.metrics";
import { authenticate, findRefusal } from "../authenticate";
import type { AuditTrail } from "../audit-trail";
import type { RateLimits } from "../rate-limits";
import type { Request } from "../request";
import { EventHub } from "./event-hub";
import type { EventRoute } from "./event-routes";
import { EventStream } from "./event-stream";
import { selectOwn, selectTopics, type Select } from "./select-facts";
import { StreamCounts, type SharedCounts } from "./stream-counts";

/** How soon the end of a session ends its streams. */
const CHECK_SESSIONS_EVERY_MS = 2_000;
const SESSIONS_A_CALL = 500;
const MAX_TOPICS = 50;

type Gateway = { readonly broker: ServiceBroker; readonly limits: RateLimits | null; draining: boolean };

/** The streams of live events of one gateway. */
export class LiveEvents {
	private readonly hub: EventHub;
	private readonly counts: StreamCounts;
	private readonly checking: NodeJS.Timeout;

	constructor(
		private readonly gateway: Gateway,
		log: FactLog,
		shared: SharedCounts,
		private readonly audit: AuditTrail
	) {
		const { broker } = gateway;
		this.hub = new EventHub(log, broker.logger);
		this.counts = new StreamCounts(broker, shared);
		this.checking = setInterval(() => void this.endOverSessions(), CHECK_SESSIONS_EVERY_MS).unref();
		showGauge(broker, API_METRICS.streams, {}, () => this.hub.streams.size);
		showGauge(broker, API_METRICS.streamsBehind, {}, () => this.hub.behind);
		showCounter(broker, API_METRICS.eventsSent, {}, () => this.hub.sent);
	}

	/** Begins a stream for a signed-in client, or refuses it. It ends with the token, the session or the gateway. */
	async open(route: EventRoute, req: Request, res: ServerResponse): Promise<void> {
		const ctx = req.$ctx;
		await this.gateway.limits?.countRequest(
			{ method: "GET", path: route.path },
			ctx.meta.ip ?? "unknown"
		);
		const { authorization } = req.headers;
		await authenticate(ctx, route.policy, authorization, Date.now() + settings.requestTimeoutMs);
		const { user } = ctx.meta;
		const refusal = findRefusal(user, route.policy, false);
		if (refusal === "FORBIDDEN")
			await this.audit.record(ctx, { action: `events ${route.path}`, params: {}, outcome: refusal });
		if (refusal || !user)
			throw new Refusal(refusal ?? "UNAUTHORIZED", "The stream does not admit this session");
		const select = route.takesTopics
			? selectTopics(readTopics(req))
			: readNothing(req, selectOwn(user.id));
		if (req.method === "HEAD" || this.gateway.draining) return endAtOnce(res);
		const owner = {
			sessionId: user.sessionId,
			userId: route.takesTopics ? null : user.id,
			expiresAt: readExpiry(authorization)
		};
		await this.begin(user.id, owner, select, req, res);
	}

	/** Ends all streams: their clients connect again, to another gateway. */
	async stop(): Promise<void> {
		clearInterval(this.checking);
		await this.hub.stop();
		this.counts.stop();
	}

	private async begin(
		userId: string,
		owner: EventStream["owner"],
		select: Select,
		req: Request,
		res: ServerResponse
	): Promise<void> {
		const leave = await this.counts.enter(userId);
		const stream = new EventStream(res, owner, select, ended => {
			this.hub.remove(ended);
			leave();
		});
		try {
			await this.hub.add(stream, readLastId(req));
		} catch (err) {
			stream.abandon();
			this.gateway.broker.logger.warn({ err }, "The log of facts can't be read");
			throw new Refusal("SERVICE_UNAVAILABLE", "Live events can't be read now", { retryAfter: 1 });
		}
	}

	private async endOverSessions(): Promise<void> {
		const bySession = Map.groupBy(this.hub.streams, ({ owner }) => owner.sessionId);
		const ids = [...bySession.keys()];
		for (let from = 0; from < ids.length; from += SESSIONS_A_CALL)
			try {
				const sessionIds = ids.slice(from, from + SESSIONS_A_CALL);
				const over = await call(this.gateway.broker, "auth.findEndedSessions", { sessionIds });
				for (const id of over) bySession.get(id)?.forEach(stream => stream.end("session"));
			} catch (err) {
				this.gateway.broker.logger.debug({ err }, "The sessions of streams are checked again later");
			}
	}
}

/** The gateway stops: the client connects again by itself, to another one. */
function endAtOnce(res: ServerResponse): void {
	res.writeHead(200, { "Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store" });
	res.end("retry: 1000\n\n");
}

const MAX_ID_LENGTH = 64;
/** The id of the last fact that the client has seen; null for a client that begins. */
function readLastId({ headers }: Request): string | null {
	const id = headers["last-event-id"];
	return typeof id === "string" && id !== "" ? id.slice(0, MAX_ID_LENGTH) : null;
}

function readTopics(req: Request): string[] {
	const query = new URL(req.originalUrl, "http://gateway").searchParams;
	refuseUnknown(query, ["topic"]);
	const topics = query
		.getAll("topic")
		.flatMap(list => list.split(","))
		.map(topic => topic.trim())
		.filter(Boolean);
	if (topics.length === 0) return ["*"];
	if (topics.length > MAX_TOPICS)
		throw invalidFields([{ field: "topic", type: "arrayMax", expected: MAX_TOPICS }]);
	if (findBadTopic(topics, Object.keys(events)) !== undefined)
		throw invalidFields([{ field: "topic", type: "stringPattern" }]);
	return topics;
}

function readNothing(req: Request, select: Select): Select {
	refuseUnknown(new URL(req.originalUrl, "http://gateway").searchParams, []);
	return select;
}

function refuseUnknown(query: URLSearchParams, known: readonly string[]): void {
	const unknown = [...new Set(query.keys())].filter(name => !known.includes(name));
	if (unknown.length > 0) throw invalidFields(unknown.map(field => ({ field, type: "unknown" })));
}

/** When a token that was verified ends, in epoch ms. */
function readExpiry(authorization = ""): number {
	const payload = authorization.split(".")[1] ?? "";
	const { exp } = JSON.parse(Buffer.from(payload, "base64url").toString()) as { readonly exp?: number };
	return (exp ?? 0) * 1000;
}
