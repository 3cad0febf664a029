import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import type { SeenSpan } from "./spans";

type Value = { stringValue?: string; intValue?: number; boolValue?: boolean };
type Attribute = { key: string; value: Value };
type OtlpSpan = {
	traceId: string;
	spanId: string;
	parentSpanId?: string;
	name: string;
	kind: number;
	attributes?: Attribute[];
	links?: { spanId: string }[];
};
type Sent = {
	resourceSpans: {
		resource: { attributes: Attribute[] };
		scopeSpans: { spans: OtlpSpan[] }[];
	}[];
};
const KINDS = ["internal", "internal", "server", "client", "producer", "consumer"] as const;

const toAttributes = (attributes: readonly Attribute[] = []): Record<string, unknown> =>
	Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

/** A server that takes traces by OTLP over HTTP with JSON, and keeps their spans. */
export class OtlpReceiver {
	readonly spans: SeenSpan[] = [];
	/** Everything that was sent, as text. */
	text = "";

	private constructor(private readonly server: Server) {}

	static async start(): Promise<OtlpReceiver> {
		const server = createServer();
		const receiver = new OtlpReceiver(server);
		server.on("request", (req, res) => {
			if (req.method !== "POST" || req.url !== "/v1/traces") return void res.writeHead(404).end();
			return void json(req).then(sent => {
				receiver.add(sent as Sent);
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

	private add(sent: Sent): void {
		this.text += JSON.stringify(sent);
		for (const { resource, scopeSpans } of sent.resourceSpans) {
			const process = String(toAttributes(resource.attributes)["service.instance.id"]);
			const spans = scopeSpans.flatMap(({ spans }) => spans);
			for (const { traceId, spanId, parentSpanId = "", name, kind, attributes, links = [] } of spans)
				this.spans.push({
					traceId,
					id: spanId,
					parentId: parentSpanId,
					name,
					kind: KINDS[kind] ?? "internal",
					links: links.map(link => link.spanId),
					attributes: toAttributes(attributes),
					process
				});
		}
	}
}
