import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";

export type Received = {
	readonly id: string;
	readonly type: string;
	readonly data: any;
	readonly headers: IncomingHttpHeaders;
	readonly text: string;
};

/** An endpoint of another system, which keeps what it was sent. */
export class WebhookReceiver {
	readonly received: Received[] = [];
	/** Answers a request; 204 by default. */
	answer: (res: ServerResponse, received: Received) => void = res => res.writeHead(204).end();

	private constructor(private readonly server: Server) {}

	static async start(): Promise<WebhookReceiver> {
		const server = createServer();
		const receiver = new WebhookReceiver(server);
		server.on("request", (req, res) => {
			let text = "";
			req.setEncoding("utf8");
			req.on("data", (chunk: string) => (text += chunk));
			req.on("end", () => {
				const { type, data } = text ? JSON.parse(text) : { type: req.method, data: null };
				const received = {
					id: String(req.headers["webhook-id"]),
					type,
					data,
					headers: req.headers,
					text
				};
				receiver.received.push(received);
				receiver.answer(res, received);
			});
		});
		server.listen(0, "127.0.0.1");
		await once(server, "listening");
		return receiver;
	}

	get url(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook`;
	}

	of = (type: string): Received[] => this.received.filter(received => received.type === type);

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		await new Promise(resolve => this.server.close(resolve));
	}
}

/** Whether the official verifier of Standard Webhooks takes it. */
export function isVerified(secret: string, { headers, text }: Received): boolean {
	try {
		new Webhook(secret).verify(text, headers as Record<string, string>);
		return true;
	} catch {
		return false;
	}
}
