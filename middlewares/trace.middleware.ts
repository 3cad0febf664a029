import type { Context, Middleware, ServiceBroker } from "moleculer";
import type { Meta } from "../schemas/kit/service";
import { call, type Actions } from "../schemas/registry";
import { ATTEMPT_HEADER } from "../schemas/retries";
import { MAX_SPANS_PER_CALL } from "../schemas/traces.contract";
import { backgroundWork } from "../infrastructure/background-work";
import { readStringField } from "../infrastructure/trace/field";
import { spans, recordSpan } from "../infrastructure/trace/spans";

const SEND_EVERY_MS = 200;

/** Calls that belong to an order's life. What they call in turn is traced as well. */
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
	/** Set by the broker where it calls again. */
	readonly _retryAttempts?: number;
};

/** Orders are known by their `id` to their own service, by `orderId` to the others. */
const orderOf = (service: string, params: unknown, answer: unknown): string | null =>
	readStringField(params, "orderId") ??
	readStringField(answer, "orderId") ??
	(service === "orders" ? (readStringField(params, "id") ?? readStringField(answer, "id")) : null);

/**
 * Notes every call of an order's life, for `GET /admin/orders/:id/trace`, and sends this and what else was noted in this
 * process to `traces`. In the background and bounded: it never slows or fails what it notes, and what can't be kept is
 * dropped, which is logged.
 */
export function traceMiddleware(): Middleware {
	let timer: NodeJS.Timeout | undefined;
	let sending: Promise<void> = Promise.resolve();
	let stopped = false;

	const send = async (broker: ServiceBroker): Promise<void> => {
		for (let batch = spans.take(MAX_SPANS_PER_CALL); batch.length; batch = spans.take(MAX_SPANS_PER_CALL))
			await call(broker, "traces.record", { spans: batch }, { timeout: 2000, retries: 0 }).catch(
				(err: unknown) => {
					spans.drop(batch.length);
					broker.logger.debug({ err }, "Spans could not be kept");
				}
			);
		const lost = spans.lost();
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
				return within(ctx, () =>
					recordSpan(
						() => next(ctx),
						answer => ({
							service,
							node: ctx.broker.nodeID,
							step: name,
							event: null,
							attempt: attemptOf(ctx),
							orderId: orderOf(service, ctx.params, answer),
							requestId: ctx.requestID ?? ctx.id
						})
					)
				);
			};
		},
		remoteAction: (next: (ctx: Call) => Promise<unknown>) => (ctx: Call) => {
			if (ctx._retryAttempts)
				ctx.headers = { ...ctx.headers, [ATTEMPT_HEADER]: ctx._retryAttempts + 1 };
			return next(ctx);
		},
		async started(broker: ServiceBroker) {
			backgroundWork(broker).add(() => stop(broker));
			plan(broker);
		},
		stopping: stop
	};
}

function attemptOf({ headers, _retryAttempts = 0 }: Call): number {
	const told = headers[ATTEMPT_HEADER];
	return typeof told === "number" ? told : _retryAttempts + 1;
}

/** Marks what is called from here as part of an order's life; the mark does not travel back to the caller. */
async function within<R>(ctx: Call, work: () => Promise<R>): Promise<R> {
	if (ctx.meta.ofOrder) return work();
	ctx.meta.ofOrder = true;
	try {
		return await work();
	} finally {
		delete ctx.meta.ofOrder;
	}
}
