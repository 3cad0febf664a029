import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { ServiceBroker } from "moleculer";
import ApiGateway from "moleculer-web";
import fastify from "fastify";

/**
 * Serves the shop's own answers without a shop, as a measure of what HTTP alone costs: `fastify` and `moleculer-web` answer an
 * object that they turn into JSON for each request; `node:http` answers bytes that are ready. Run by the benchmark with the
 * server's name, its port and a JSON file that has the body of each path.
 */
const [name = "", port = "", file = ""] = process.argv.slice(2);
const bodies = JSON.parse(readFileSync(file, "utf8")) as Record<string, object>;
const listenAt = { host: "127.0.0.1", port: Number(port) };

async function serveByMoleculer(): Promise<void> {
	const broker = new ServiceBroker({ logger: false });
	const paths = Object.keys(bodies);
	broker.createService({
		name: "answers",
		actions: Object.fromEntries(paths.map((path, n) => [`answer${n}`, () => bodies[path]]))
	});
	broker.createService({
		name: "api",
		mixins: [ApiGateway],
		settings: {
			port: listenAt.port,
			ip: listenAt.host,
			logRequest: null,
			logResponse: null,
			logRouteRegistration: null,
			routes: [
				{
					path: "/",
					mappingPolicy: "restrict",
					aliases: Object.fromEntries(paths.map((path, n) => [`GET ${path}`, `answers.answer${n}`]))
				}
			]
		}
	});
	await broker.start();
}

async function serveByFastify(): Promise<void> {
	const server = fastify();
	for (const [path, body] of Object.entries(bodies)) server.get(path, async () => body);
	await server.listen(listenAt);
}

function serveByNode(): void {
	const answers = new Map(
		Object.entries(bodies).map(([path, body]) => [path, Buffer.from(JSON.stringify(body))])
	);
	createServer((req, res) => {
		const body = answers.get((req.url ?? "").split("?")[0] ?? "");
		if (!body) return res.writeHead(404).end();
		res.writeHead(200, {
			"Content-Type": "application/json; charset=utf-8",
			"Content-Length": body.length
		});
		return res.end(body);
	}).listen(listenAt);
}

const SERVERS: Readonly<Record<string, () => void | Promise<void>>> = {
	"moleculer-web": serveByMoleculer,
	fastify: serveByFastify,
	"node:http": serveByNode
};
void SERVERS[name]?.();
