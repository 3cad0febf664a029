import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import type { Service } from "moleculer";
import { renderMetrics } from "../../mixins/metrics.mixin";
import type { ReadinessMetadata } from "../../mixins/readiness.mixin";
import { findUnavailableBackends, backendMode, listNodeLacks } from "../../mixins/platform";
import { contracts } from "../../schemas/registry";
import type { Lang } from "../../schemas/errors/messages";
import { settings } from "../../settings";
import { buildAsyncApi } from "./asyncapi";
import { chooseLanguage, sendEnvelope, VARY } from "./envelope";
import { renderEventPage } from "./event-page";
import { buildOpenApi } from "./openapi/openapi";
import type { JoinedRoutes } from "./joined-routes";
import type { Request } from "./request";
import type { Route } from "./routes";
import { sendText, type Text } from "./send-text";

type ServiceInfo = { readonly name: string; readonly metadata?: ReadinessMetadata };
type Handler = (req: Request, res: ServerResponse) => Promise<void>;

const JSON_TYPE = "application/json; charset=utf-8";
const HTML_TYPE = "text/html; charset=utf-8";
const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

const toText = (status: number, type: string, body: string): Text => ({
	status,
	headers: { "Content-Type": type, "Cache-Control": "no-store" },
	body: Buffer.from(body),
	encoded: new Map()
});

const cameThroughProxy = (headers: IncomingHttpHeaders) =>
	PROXY_HEADERS.some(name => headers[name] !== undefined);
const PROXY_HEADERS = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"];
const isLoopback = (address = "") => ["127.0.0.1", "::1"].includes(address.replace(/^::ffff:/, ""));

/** Routes of the gateway itself, at the root: health checks in the envelope, metrics and documents in the format of their tools. */
export function systemAliases(
	gateway: Service & { draining: boolean; joined: JoinedRoutes }
): Record<string, Handler> {
	const { broker } = gateway;
	/** Documents that are made at their first request, in the language of `?lang=` or else of Accept-Language. */
	const documents = new Map<string, Text>();
	let describedRoutes: readonly Route[] = [];
	const sendDocument =
		(type: string, make: (lang: Lang) => string) => async (req: Request, res: ServerResponse) => {
			const [path = "", query] = req.originalUrl.split("?");
			const wanted = new URLSearchParams(query).get("lang");
			const lang = wanted === null ? (req.$ctx.meta.lang ?? "zh") : chooseLanguage(wanted);
			if (describedRoutes !== gateway.joined.routes) documents.clear();
			describedRoutes = gateway.joined.routes;
			const document = documents.get(`${lang} ${path}`) ?? toText(200, type, make(lang));
			documents.set(`${lang} ${path}`, document);
			res.setHeader("Vary", VARY);
			await sendText(req, res, document);
		};
	const requiredServices = Object.values(contracts)
		.map(({ name }) => name)
		.filter(name => settings.sandbox || name !== "sandbox");
	const sendHealth = async (
		req: Request,
		res: ServerResponse,
		status: string,
		missing: readonly string[] = []
	) => {
		const { meta, requestID } = req.$ctx;
		const headers = { "Cache-Control": "no-store" };
		const answer = missing.length
			? {
					status: 503,
					code: "SERVICE_UNAVAILABLE" as const,
					data: { missing },
					headers: { ...headers, "Retry-After": "1" }
				}
			: { status: 200, code: "OK" as const, data: { status, mode: backendMode }, headers };
		await sendEnvelope(req, res, answer, meta.lang ?? "zh", requestID ?? "");
	};
	return {
		"GET /health/live": async (req, res) => sendHealth(req, res, "live"),
		"GET /health/ready": async (req, res) => {
			const running: readonly ServiceInfo[] = broker.registry.getServiceList({ onlyAvailable: true });
			const present = new Set(running.map(({ name }) => name));
			const missing: string[] = requiredServices.filter(name => !present.has(name));
			const lacks = running.flatMap(({ name, metadata }) =>
				(metadata?.lacks ?? []).map(what => `${name}: ${what}`)
			);
			missing.push(...new Set(lacks), ...listNodeLacks(broker));
			missing.push(...(await findUnavailableBackends()));
			if (gateway.draining) missing.push("draining");
			await sendHealth(req, res, "ready", missing);
		},
		"GET /metrics": async (req, res) => {
			// With a proxy on this machine every socket is local, so a request that names a proxy counts as a stranger's; a client
			// that bypasses a proxy may claim any address in a header, so the socket counts as well.
			const isLocal = [req.socket.remoteAddress, req.$ctx.meta.ip].every(isLoopback);
			const isHidden = settings.production && (!isLocal || cameThroughProxy(req.headers));
			const text = isHidden
				? toText(404, "text/plain", "Not found\n")
				: toText(200, METRICS_TYPE, await renderMetrics(broker));
			await sendText(req, res, text);
		},
		"GET /openapi.json": sendDocument(JSON_TYPE, lang =>
			JSON.stringify(buildOpenApi(lang, gateway.joined.routes))
		),
		"GET /asyncapi.json": sendDocument(JSON_TYPE, () => JSON.stringify(buildAsyncApi())),
		"GET /docs/events": sendDocument(HTML_TYPE, renderEventPage)
	};
}
