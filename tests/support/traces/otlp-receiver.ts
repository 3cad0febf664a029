import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { listSpans, type OtlpTraces } from "./otlp";
import type { SeenSpan } from "./spans";

/** A server that takes traces by OTLP over HTTP with JSON, and keeps their spans. */
export class OtlpReceiver {
	readonly spans: SeenSpan[] = [];
	/** Everything that was sent. */
	text = "";

	private constructor(private readonly server: Server) {}

	static async start(): Promise<OtlpReceiver> {
		const server = createServer();
		const receiver = new OtlpReceiver(server);
		server.on("request", (req, res) => {
			if (req.method !== "POST" || req.url !== "/v1/traces") return void res.writeHead(404).end();
			return void text(req).then(sent => {
				receiver.text += sent;
				receiver.spans.push(...listSpans(JSON.parse(sent) as OtlpTraces));
				res.writeHead(200, { "Content-Type": "application/json" }).end('{"partialSuccess":{}}');
			});
		});
		server.listen(0, "127.0.0.1");
		await once(server, "listening");
		return receiver;
	}

	get url(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		await new Promise(resolve => this.server.close(resolve));
	}
}
