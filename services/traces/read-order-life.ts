import { Refusal, refusedAs } from "../../schemas/errors";
import type { Ctx } from "../../schemas/kit";
import { call } from "../../schemas/registry";
import type { HistoryStep, TraceStep } from "../../schemas/traces.contract";
import type { Kept } from "./keep-traces";
import { inOrder, orderIn, stepFrom, stepsOf, type Sheet } from "./trace.domain";

/** An order is repaired, refunded and asked about for a long time: no life has more of them than this. */
const MOST_SHEETS = 500;

/**
 * Everything that is known of an order's life, oldest first: what the nodes noted, and what the documents of its owners
 * tell, which no crash can take away. A request may stand for the order that it was about, as a client that was refused can
 * name it; where it came to no order, what was noted of it is all there is.
 */
export async function lifeOf(kept: Kept, ctx: Ctx<unknown>, ref: string): Promise<TraceStep[]> {
	const own = await orderLife(kept, ctx, ref);
	if (own) return own;
	const noted = await find(kept, [ref]);
	if (noted.length === 0) throw new Refusal("NOT_FOUND", "No such order or request", { id: ref });
	const orderId = orderIn(noted);
	const its = orderId === null ? null : await orderLife(kept, ctx, orderId);
	return its ?? inOrder(stepsOf(noted, orderId ?? ref));
}

/** By the order's id or number; null when there is none, or none any more. */
async function orderLife(kept: Kept, ctx: Ctx<unknown>, ref: string): Promise<TraceStep[] | null> {
	const history = await call(ctx, "orders.history", { ref }).catch((err: unknown) => {
		if (!refusedAs(err, "NOT_FOUND")) throw err;
		return null;
	});
	if (!history) return null;
	const { orderId, steps } = history;
	const [payments, inventory, noted] = await Promise.all([
		told("payments", () => call(ctx, "payments.history", { orderId })),
		told("inventory", () => call(ctx, "inventory.history", { orderId })),
		sheetsOf(kept, orderId)
	]);
	return inOrder([...steps.map(stepFrom("orders")), ...payments, ...inventory, ...stepsOf(noted, orderId)]);
}

/** Work is bound to its order by its request: a call in it may know nothing of the order. */
async function sheetsOf(kept: Kept, orderId: string): Promise<Sheet[]> {
	const found = await find(kept, [orderId]);
	return find(kept, [...new Set([orderId, ...found.map(({ requestId }) => requestId)])]);
}

const find = ({ sheets }: Kept, refs: readonly string[]) =>
	sheets.find({ refs: { $in: refs } }, { sort: { _id: 1 }, limit: MOST_SHEETS });

/** One owner that is away is a gap in the life, which is said; not the end of the answer. */
async function told(service: string, ask: () => Promise<readonly HistoryStep[]>): Promise<TraceStep[]> {
	try {
		return (await ask()).map(stepFrom(service));
	} catch (err) {
		const outcome = err instanceof Error && "type" in err ? String(err.type) : "error";
		const at = new Date().toISOString();
		return [stepFrom(service)({ at, step: "history", event: null, outcome })];
	}
}
