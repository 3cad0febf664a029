import type { IncomingMessage } from "node:http";
import type { Ctx } from "../../schemas/kit/service";
import { truncate } from "../../schemas/values/text";

/** An HTTP request with the fields that moleculer-web adds to it. */
export type Request = IncomingMessage & {
	readonly $ctx: Ctx<unknown>;
	readonly $params: { readonly params?: Readonly<Record<string, unknown>> };
	readonly originalUrl: string;
};

const MAX_USER_AGENT_LENGTH = 200;

/** What the client says of its device, for the meta data of calls. */
export const describeDevice = ({ headers: { "user-agent": userAgent } }: IncomingMessage) =>
	userAgent === undefined ? {} : { device: truncate(userAgent, MAX_USER_AGENT_LENGTH) };
