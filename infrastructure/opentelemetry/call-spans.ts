import { context, SpanKind, trace, type Context as TraceContext, type Span } from "@opentelemetry/api";
import { ATTR_RPC_METHOD, ATTR_RPC_SYSTEM_NAME } from "@opentelemetry/semantic-conventions";
import type { Context, Middleware } from "moleculer";
import { findOrderId } from "../trace/order-id";
import { parseTraceparent, formatTraceparent, runInChildSpan } from "./spans";

type Call = Context<unknown, object, object, Record<string, unknown>> & {
	readonly options: { readonly parentCtx?: Context };
};
type Next = (ctx: Call) => Promise<unknown>;
type ActionDefinition = { readonly name?: string };

const describeCall = (name: string) => ({ [ATTR_RPC_SYSTEM_NAME]: "moleculer", [ATTR_RPC_METHOD]: name });
const ORDER_ID = "zjmall.order.id";

/** The span in which each call runs. */
const spans = new WeakMap<Context, Span>();

/**
 * The context of a call's caller: of another node by the header, of the same node by the calling context. The asynchronous
 * context serves calls without one, since a call that waited in a bulkhead runs in that of the call before it.
 */
function findParent({ headers, options }: Call): TraceContext {
	if (headers["traceparent"] !== undefined) return parseTraceparent(headers["traceparent"]);
	const span = options.parentCtx && spans.get(options.parentCtx);
	return span ? trace.setSpan(context.active(), span) : context.active();
}

/** Moleculer's hooks that make a span of each traced call: one here, and over the bus one at each end. */
export const callHooks: Pick<Middleware, "localAction" | "remoteAction"> = {
	localAction(next: Next, action: ActionDefinition) {
		const name = action.name ?? "";
		if (name.startsWith("$")) return next;
		const [service = ""] = name.split(".");
		// The gateway's own action runs in the request's span.
		if (service === "api")
			return (ctx: Call) => {
				const active = trace.getActiveSpan();
				if (active) spans.set(ctx, active);
				return next(ctx);
			};
		return (ctx: Call) => {
			const kind = ctx.headers["traceparent"] === undefined ? SpanKind.INTERNAL : SpanKind.SERVER;
			return runInChildSpan(
				name,
				{ kind, attributes: describeCall(name) },
				async span => {
					if (!span) return next(ctx);
					spans.set(ctx, span);
					const answer = await next(ctx);
					const orderId = findOrderId(service, ctx.params, answer);
					if (orderId !== null) span.setAttribute(ORDER_ID, orderId);
					return answer;
				},
				findParent(ctx)
			);
		};
	},
	remoteAction(next: Next, action: ActionDefinition) {
		const name = action.name ?? "";
		if (name.startsWith("$")) return next;
		return (ctx: Call) => {
			// A retry has the header of the attempt before it, which is not its parent.
			const { traceparent: _, ...headers } = ctx.headers;
			ctx.headers = headers;
			return runInChildSpan(
				name,
				{ kind: SpanKind.CLIENT, attributes: describeCall(name) },
				span => {
					if (span) ctx.headers = { ...headers, traceparent: formatTraceparent(span) };
					return next(ctx);
				},
				findParent(ctx)
			);
		};
	}
};
