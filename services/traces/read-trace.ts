import { Refusal, isRefusal } from "../../schemas/errors";
import type { Ctx } from "../../schemas/kit/service";
import { call } from "../../schemas/registry";
import type { HistoryStep, TraceStep } from "../../schemas/traces.contract";
import type { TracesContext } from "./record-spans";
import { sortSteps, findOrderId, toStep, selectSteps, type SpanBatch } from "./trace.domain";

/** An order is repaired, refunded and asked about for a long time: no life has more of them than this. */
const MAX_BATCHES = 500;

/**
 * Everything that is known of an order's life, oldest first: what the nodes noted, and what the documents of its owners
 * tell, which no crash can take away. A request may stand for the order that it was about, as a client that was refused can
 * name it; where it came to no order, what was noted of it is all there is.
 */
export async function readTrace(
	context: TracesContext,
	ctx: Ctx<unknown>,
	ref: string
): Promise<TraceStep[]> {
	const own = await readOrderTrace(context, ctx, ref);
	if (own) return own;
	const noted = await findBatches(context, [ref]);
	if (noted.length === 0) throw new Refusal("NOT_FOUND", "No such order or request", { id: ref });
	const orderId = findOrderId(noted);
	const its = orderId === null ? null : await readOrderTrace(context, ctx, orderId);
	return its ?? sortSteps(selectSteps(noted, orderId ?? ref));
}

/** By the order's id or number; null when there is none, or none any more. */
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
	const [payments, inventory, noted] = await Promise.all([
		askOwner("payments", () => call(ctx, "payments.history", { orderId })),
		askOwner("inventory", () => call(ctx, "inventory.history", { orderId })),
		findBatchesOfOrder(context, orderId)
	]);
	return sortSteps([
		...steps.map(toStep("orders")),
		...payments,
		...inventory,
		...selectSteps(noted, orderId)
	]);
}

/** Work is bound to its order by its request: a call in it may know nothing of the order. */
async function findBatchesOfOrder(context: TracesContext, orderId: string): Promise<SpanBatch[]> {
	const found = await findBatches(context, [orderId]);
	return findBatches(context, [...new Set([orderId, ...found.map(({ requestId }) => requestId)])]);
}

const findBatches = ({ sheets }: TracesContext, refs: readonly string[]) =>
	sheets.find({ refs: { $in: refs } }, { sort: { _id: 1 }, limit: MAX_BATCHES });

/** One owner that is away is a gap in the life, which is said; not the end of the answer. */
async function askOwner(service: string, ask: () => Promise<readonly HistoryStep[]>): Promise<TraceStep[]> {
	try {
		return (await ask()).map(toStep(service));
	} catch (err) {
		const outcome = err instanceof Error && "type" in err ? String(err.type) : "error";
		const at = new Date().toISOString();
		return [toStep(service)({ at, step: "history", event: null, outcome })];
	}
}
