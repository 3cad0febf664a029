import { userInfo } from "node:os";
import type { Context, Middleware } from "moleculer";
import { logError } from "../infrastructure/log-codes";
import { readStringField } from "../infrastructure/trace/field";
import type { Action } from "../schemas/kit/contract";
import type { Meta } from "../schemas/kit/service";
import { call, contracts } from "../schemas/registry";

/** Moleculer's REPL marks its calls by it, and so do the shop's own commands that write. */
export const FROM_REPL = { $repl: true };

type ReplContext = Context<unknown, Meta & Partial<typeof FROM_REPL>>;
type Next = (ctx: ReplContext) => Promise<unknown>;

const actions = new Map<string, Action>(
	Object.values(contracts).flatMap(({ name, actions: own }) =>
		Object.entries(own).map(([key, action]) => [`${name}.${key}`, action] as const)
	)
);

/** Whether somebody has typed the call, and it may write. `isSender` tells the node on which it was typed from the callee's. */
const isTypedWrite = (ctx: ReplContext, isSender: boolean): boolean => {
	const name = ctx.action?.name ?? "";
	const known = actions.get(name);
	return (
		isSender &&
		ctx.meta.$repl === true &&
		ctx.level === 1 &&
		!known?.repeatable &&
		name !== "audit.record"
	);
};

/** Records in the audit log what is written from the REPL, under the name of the operating system's user. */
export const replAuditMiddleware = (): Middleware => ({
	name: "REPL audit",
	localAction: (next: Next) => (ctx: ReplContext) =>
		isTypedWrite(ctx, ctx.nodeID === ctx.broker.nodeID) ? record(ctx, next) : next(ctx),
	remoteAction: (next: Next) => (ctx: ReplContext) =>
		isTypedWrite(ctx, true) ? record(ctx, next) : next(ctx)
});

async function record(ctx: ReplContext, next: Next): Promise<unknown> {
	try {
		const answer = await next(ctx);
		await append(ctx, "OK");
		return answer;
	} catch (err) {
		await append(ctx, readStringField(err, "type") ?? "INTERNAL_ERROR");
		throw err;
	}
}

async function append({ broker, action, params, meta }: ReplContext, outcome: string): Promise<void> {
	const entry = {
		by: `repl:${userInfo().username}`,
		roles: meta.user?.roles.join(",") ?? null,
		action: action?.name ?? "",
		params: { ...(params as object), ...(meta.user && { inTheNameOf: meta.user.id }) },
		outcome,
		ip: null,
		requestId: null
	};
	await call(broker, "audit.record", entry).catch((err: unknown) =>
		logError(broker.logger, "AUDIT_NOT_RECORDED", { err, action: entry.action, outcome })
	);
}
