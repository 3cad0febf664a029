import { exchangeHttp, type HttpReply, type HttpRequest } from "../../../mixins/platform";
import { unknown, type Unknown } from "./payment-channel";

export type { HttpReply } from "../../../mixins/platform";

export interface ChannelRequest extends HttpRequest {
	readonly timeoutMs: number;
	readonly maxBytes?: number;
}

/** Bounds the answers of both channels, except bills. */
const MAX_BYTES = 256 * 1024;
const CAUSES = { timeout: "timeout", network: "network", too_large: "malformed" } as const;

/** Sends one HTTP request to a channel. A network failure is an outcome, never an exception. */
export async function exchange({
	timeoutMs,
	maxBytes = MAX_BYTES,
	...request
}: ChannelRequest): Promise<HttpReply | Unknown> {
	const reply = await exchangeHttp(request, { timeoutMs, maxBytes });
	return "failure" in reply ? unknown(CAUSES[reply.failure], reply.detail) : reply;
}
