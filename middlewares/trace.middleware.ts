import type { Context, Middleware, ServiceBroker } from "moleculer";
import type { Meta } from "../schemas/kit/service";
import { call, type Actions } from "../schemas/registry";
import { ATTEMPT_HEADER } from "../schemas/values/retries";
import { MAX_SPANS_PER_CALL } from "../schemas/traces.contract";
import { registerBackgroundWork } from "../infrastructure/background-work";
import { findOrderId } from "../infrastructure/trace/order-id";
import { spans, recordSpan } from "../infrastructure/trace/spans";

/** Long enough that most spans of an order's requests and facts are stored as one document. */
const SEND_EVERY_MS = 1000;

/** The actions at which the trace of an order begins; the calls that they make in turn are traced too. */
const ROOTS: ReadonlySet<string> = new Set<keyof Actions>([
	"orders.create",
	"orders.cancel",
	"orders.confirm",
	"orders.ship",
	"orders.adminCancel",
	"inventory.reserve",
	"inventory.release",
	"payments.create",
	"payments.refund",
	"carts.drop"
]);

type Call = Context<unknown, Meta, object, Record<string, unknown>> & {
	/** How often the broker has retried the call; set from the first retry on. */
	readonly _retryAttempts?: number;
};

/**
 * Records a span of every call about an order, for `GET /admin/orders/:id/trace`, and sends all spans of this process to
 * `traces` in the background. Tracing neither slows nor fails a call: spans that can't be sent are dropped, and their number
 * is logged.
 */
export function traceMiddleware(): Middleware {
	let timer: NodeJS.Timeout | undefined;
	let sending: Promise<void> = Promise.resolve();
	let stopped = false;

	const send = async (broker: ServiceBroker): Promise<void> => {
		for (
			let batch = spans.takeSpans(MAX_SPANS_PER_CALL);
			batch.length;
			batch = spans.takeSpans(MAX_SPANS_PER_CALL)
		)
			await call(broker, "traces.record", { spans: batch }, { timeout: 2000, retries: 0 }).catch(
				(err: unknown) => {
					spans.countDropped(batch.length);
					broker.logger.debug({ err }, "Spans could not be sent");
				}
			);
		const lost = spans.takeDroppedCount();
		if (lost) broker.logger.warn({ lost }, "Spans of orders were dropped");
	};
	const plan = (broker: ServiceBroker) => {
		timer = setTimeout(() => {
			sending = send(broker).finally(() => {
				if (!stopped) plan(broker);
			});
		}, SEND_EVERY_MS).unref();
	};
	const stop = async (broker: ServiceBroker) => {
		if (stopped) return;
		stopped = true;
		clearTimeout(timer);
		await sending;
		await send(broker);
	};

	return {
		name: "Trace",
		localAction(next: (ctx: Call) => Promise<unknown>, action: { name?: string }) {
			const name = action.name ?? "";
			if (name.startsWith("$") || name.startsWith("traces.")) return next;
			const [service = ""] = name.split(".");
			const isRoot = ROOTS.has(name);
			return (ctx: Call) => {
				if (!isRoot && !ctx.meta.ofOrder) return next(ctx);
				return markedAsTraced(ctx, () =>
					recordSpan(
						() => next(ctx),
						answer => ({
							service,
							node: ctx.broker.nodeID,
							step: name,
							event: null,
							attempt: attemptOf(ctx),
							orderId: findOrderId(service, ctx.params, answer),
							requestId: ctx.requestID ?? ctx.id
						})
					)
				);
			};
		},
		remoteAction: (next: (ctx: Call) => Promise<unknown>) => (ctx: Call) => {
			// A retry is a copy of the attempt before it, and so has that one's number.
			if (ctx._retryAttempts) {
				const before = ctx.headers[ATTEMPT_HEADER];
				const attempt = typeof before === "number" ? before + 1 : ctx._retryAttempts + 1;
				ctx.headers = { ...ctx.headers, [ATTEMPT_HEADER]: attempt };
			}
			return next(ctx);
		},
		async started(broker: ServiceBroker) {
			registerBackgroundWork(broker, () => stop(broker));
			plan(broker);
		},
		stopping: stop
	};
}

/** The number of the attempt: the caller's where it sent one, otherwise the broker's own count. */
function attemptOf({ headers, _retryAttempts = 0 }: Call): number {
	const sent = headers[ATTEMPT_HEADER];
	return typeof sent === "number" ? sent : _retryAttempts + 1;
}

/** Marks the calls that the work makes as part of an order's trace, and removes the mark before the caller sees the meta. */
async function markedAsTraced<R>(ctx: Call, work: () => Promise<R>): Promise<R> {
	if (ctx.meta.ofOrder) return work();
	ctx.meta.ofOrder = true;
	try {
		return await work();
	} finally {
		delete ctx.meta.ofOrder;
	}
}
