import { randomBytes } from "node:crypto";
import { Client, type Options, type Reply } from "../shop";

/** A client that traces its own requests, as one trace. */
export class TracedClient extends Client {
	readonly traceId = randomBytes(16).toString("hex");
	readonly spanId = randomBytes(8).toString("hex");

	override http(method: string, path: string, options: Options = {}): Promise<Reply> {
		const headers = { traceparent: `00-${this.traceId}-${this.spanId}-01`, ...options.headers };
		return super.http(method, path, { ...options, headers });
	}
}
