import { isDeepStrictEqual } from "node:util";
import { Errors, type Context, type Middleware, type ServiceBroker } from "moleculer";
import { CallerSignatures, deriveCallerKeys } from "../infrastructure/caller-signatures";
import { findLocalGateway } from "../infrastructure/gateway-url";
import { ACCEPTED_SECRETS } from "../infrastructure/shop-secrets";
import type { Meta } from "../schemas/kit/service";
import { settings } from "../settings";
import { logError } from "../infrastructure/log-codes";

type Packet = {
	readonly payload: { id: string; sender: string; action?: string; meta?: Meta | null; headers?: object };
};
type MessageHandler = (command: string, packet: Packet) => Promise<unknown>;
type Transit = {
	sendResponse(node: string, id: string, meta: object, headers: null, data: null, err: Error): unknown;
};

/**
 * Binds the user in whose name a call is made to the gateway that has authenticated it. A call that leaves this process
 * carries the gateway's signature, and one that arrives over the bus in the name of a user is refused without it: whoever
 * may call an action can't choose the user. Calls within a process need neither.
 */
export function callerMiddleware(): Middleware {
	const signatures = new CallerSignatures(settings.callerKeys ?? deriveCallerKeys(ACCEPTED_SECRETS));
	let broker: ServiceBroker;

	/** Whether the meta names no user, or the one for whom its signature vouches. */
	const isVouchedFor = ({ user, signedUser }: Meta): boolean =>
		!user || isDeepStrictEqual(user, signatures.verify(signedUser, Date.now()));

	return {
		name: "Caller",
		created(created: ServiceBroker) {
			broker = created;
		},
		async starting(starting: ServiceBroker) {
			if (starting.transit && findLocalGateway(starting) && !signatures.canSign)
				throw new Error(
					"CALLER_SIGNING_KEY 未设置：网关要为用户签名 / CALLER_SIGNING_KEY must be set: a gateway signs for users"
				);
		},
		remoteAction:
			(next: (ctx: Context<unknown, Meta>) => Promise<unknown>) => (ctx: Context<unknown, Meta>) => {
				const { user } = ctx.meta;
				if (!user) delete ctx.meta.signedUser;
				else {
					const timeoutMs = ctx.options.timeout ?? broker.options.requestTimeout ?? 0;
					const token = signatures.sign(user, timeoutMs, Date.now());
					if (token) ctx.meta.signedUser = token;
				}
				return next(ctx);
			},
		transitMessageHandler: (next: MessageHandler) => async (command: string, packet: Packet) => {
			const { payload } = packet;
			const { meta } = payload;
			if (meta && command === "RES") {
				// The answering service must not change in whose name the caller goes on.
				delete meta.user;
				delete meta.signedUser;
			} else if (meta && (command === "REQ" || command === "EVENT") && !isVouchedFor(meta)) {
				const { action, sender, id } = payload;
				logError(broker.logger, "CALLER_NOT_SIGNED", { action, sender });
				if (command === "EVENT") return false;
				const refusal = new Errors.MoleculerError(
					"No gateway vouches for this user",
					500,
					"CALLER_NOT_SIGNED"
				);
				return (broker.transit as unknown as Transit).sendResponse(
					sender,
					id,
					{},
					null,
					null,
					refusal
				);
			}
			return next(command, packet);
		}
	} as object;
}
