import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { ServiceBroker } from "moleculer";
import { renderMetrics } from "./prometheus";

export type MetricsAddress = { readonly port: number; readonly host: string };

/** Serves the process's metrics at `GET /metrics` on a port of its own. Rejects when it can't listen there. */
export async function startMetricsServer(
	broker: ServiceBroker,
	{ port, host }: MetricsAddress
): Promise<Server> {
	const server = createServer((req, res) => void answer(req, res));
	async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
		const { pathname } = new URL(req.url ?? "/", "http://metrics");
		const found = pathname === "/metrics" && (req.method === "GET" || req.method === "HEAD");
		res.writeHead(found ? 200 : 404, {
			"Content-Type": `text/plain; ${found ? "version=0.0.4; " : ""}charset=utf-8`,
			"Cache-Control": "no-store"
		});
		res.end(found ? await renderMetrics(broker) : "Not found\n");
	}
	server.listen(port, host);
	await once(server, "listening");
	return server;
}
