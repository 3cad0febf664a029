import type { ServerResponse } from "node:http";
import type { Service } from "moleculer";
import { backends } from "../../mixins/backends";
import { metricsText } from "../../mixins/prometheus";
import { contracts } from "../../schemas/registry";
import { settings } from "../../settings";
import type { Request } from "./endpoint";
import { openApi } from "./openapi";

type Handler = (req: Request, res: ServerResponse) => Promise<void>;

const send = (
	res: ServerResponse,
	status: number,
	body: unknown,
	type = "application/json; charset=utf-8"
) => {
	res.writeHead(status, { "Content-Type": type, "Cache-Control": "no-store" });
	res.end(typeof body === "string" ? body : JSON.stringify(body));
};

/** What the program tells about itself, at the root and outside the envelope's contract only where a tool reads it. */
export function systemAliases(gateway: Service & { draining: boolean }): Record<string, Handler> {
	const { broker } = gateway;
	const needed = Object.values(contracts)
		.map(({ name }) => name)
		.filter(name => settings.sandbox || name !== "sandbox");
	const health = (req: Request, res: ServerResponse, missing: readonly string[]) => {
		const ready = missing.length === 0;
		const { requestID } = req.$ctx;
		const body = ready
			? {
					code: "OK",
					message: "OK",
					data: { status: "ready", mode: backends.mode },
					requestId: requestID
				}
			: {
					code: "SERVICE_UNAVAILABLE",
					message: `Not ready: ${missing.join(", ")}`,
					data: { missing },
					requestId: requestID
				};
		send(res, ready ? 200 : 503, body);
	};
	return {
		"GET /health/live": async (req, res) => health(req, res, []),
		"GET /health/ready": async (req, res) => {
			const present = new Set(
				broker.registry.getServiceList({ onlyAvailable: true }).map((s: { name: string }) => s.name)
			);
			const missing: string[] = needed.filter(name => !present.has(name));
			if (!(await backends.ping())) missing.push("store");
			if (gateway.draining) missing.push("draining");
			health(req, res, missing);
		},
		"GET /metrics": async (req, res) => {
			const local = ["127.0.0.1", "::1"].includes(
				(req.socket.remoteAddress ?? "").replace(/^::ffff:/, "")
			);
			if (settings.production && !local) send(res, 404, "Not found\n", "text/plain");
			else send(res, 200, metricsText(broker), "text/plain; version=0.0.4; charset=utf-8");
		},
		"GET /openapi.json": async (_req, res) => send(res, 200, openApi())
	};
}
