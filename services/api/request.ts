import type { IncomingMessage } from "node:http";
import type { Ctx } from "../../schemas/kit/service";

/** An HTTP request with the fields that moleculer-web adds to it. */
export type Request = IncomingMessage & {
	readonly $ctx: Ctx<unknown>;
	readonly $params: { readonly params?: Readonly<Record<string, unknown>> };
	readonly originalUrl: string;
};
