import { isRefusal, notFound } from "../../schemas/errors/errors";
import type { Ctx } from "../../schemas/kit/service";
import { call } from "../../schemas/registry";
import type { HistoryStep, TraceStep } from "../../schemas/traces.contract";
import {
	findOrderId,
	MAX_KEPT_BATCHES,
	selectSteps,
	sortSteps,
	toStep,
	type SpanBatch
} from "./trace.domain";
import type { TracesContext } from "./traces.context";

/** More batches than an order keeps, with those that processes have added since they last looked. */
const MAX_BATCHES = 2 * MAX_KEPT_BATCHES;

/**
 * Reads all steps of an order's life, oldest first, from two sources: the spans that nodes recorded, and the documents of
 * the services, which survive any crash. `ref` is the order's id or number, or the id of a request about it, as a refused
 * client can name it. For a request that led to no order the answer is its spans. Refuses with NOT_FOUND.
 */
export async function readTrace(
	context: TracesContext,
	ctx: Ctx<unknown>,
	ref: string
): Promise<TraceStep[]> {
	const orderTrace = await readOrderTrace(context, ctx, ref);
	if (orderTrace) return orderTrace;
	const batches = await findBatches(context, [ref]);
	if (batches.length === 0) throw notFound("trace", ref);
	const orderId = findOrderId(batches);
	const traceOfRequest = orderId === null ? null : await readOrderTrace(context, ctx, orderId);
	return traceOfRequest ?? sortSteps(selectSteps(batches, orderId ?? ref));
}

/** Reads the trace of an order by its id or number; null if there is no such order, or no longer. */
async function readOrderTrace(
	context: TracesContext,
	ctx: Ctx<unknown>,
	ref: string
): Promise<TraceStep[] | null> {
	const history = await call(ctx, "orders.history", { ref }).catch((err: unknown) => {
		if (!isRefusal(err, "NOT_FOUND")) throw err;
		return null;
	});
	if (!history) return null;
	const { orderId, steps } = history;
	const [payments, inventory, batches] = await Promise.all([
		readHistory("payments", () => call(ctx, "payments.history", { orderId })),
		readHistory("inventory", () => call(ctx, "inventory.history", { orderId })),
		findBatchesOfOrder(context, orderId)
	]);
	return sortSteps([
		...steps.map(toStep("orders")),
		...payments,
		...inventory,
		...selectSteps(batches, orderId)
	]);
}

/** Finds batches by the requests of an order too: calls that they made may not name the order. */
async function findBatchesOfOrder(context: TracesContext, orderId: string): Promise<SpanBatch[]> {
	const ofOrder = await findBatches(context, [orderId]);
	return findBatches(context, [...new Set([orderId, ...ofOrder.flatMap(listRequestIds)])]);
}

const listRequestIds = ({ spans }: SpanBatch) => spans.map(({ requestId }) => requestId);

const findBatches = ({ batches }: TracesContext, refs: readonly string[]) =>
	batches.find({ refs: { $in: refs } }, { sort: { _id: 1 }, limit: MAX_BATCHES });

/** Reads the steps that a service's documents record. A service that fails is one failed step, not the end of the answer. */
async function readHistory(
	service: string,
	read: () => Promise<readonly HistoryStep[]>
): Promise<TraceStep[]> {
	try {
		return (await read()).map(toStep(service));
	} catch (err) {
		const outcome = err instanceof Error && "type" in err ? String(err.type) : "error";
		const at = new Date().toISOString();
		return [toStep(service)({ at, step: "history", event: null, outcome })];
	}
}
