import { invalidState } from "../../schemas/errors/errors";
import type { Fact } from "../../schemas/registry";
import {
	buildTransitionUpdate,
	canTransition,
	listNextStatuses,
	type AfterSale,
	type Transition
} from "./after-sale.domain";
import type { AfterSalesContext } from "./after-sales.context";

type Context = Pick<AfterSalesContext, "cases">;

/** Moves the case on from the status that was read, facts in the same write; null when it has changed since. */
export function transition(
	{ cases }: Context,
	afterSale: AfterSale,
	change: Transition,
	...facts: Fact[]
): Promise<AfterSale | null> {
	if (!canTransition(change.event, afterSale.status, change.to)) throw notInState(afterSale, change.to);
	const guard = { _id: afterSale._id, status: afterSale.status, attempts: afterSale.attempts };
	return cases.change(guard, buildTransitionUpdate(afterSale, change, new Date()), facts);
}

/** `transition`, but refuses with INVALID_STATE when the case has changed since it was read. */
export async function mustTransition(
	context: Context,
	afterSale: AfterSale,
	change: Transition,
	...facts: Fact[]
): Promise<AfterSale> {
	const changed = await transition(context, afterSale, change, ...facts);
	if (!changed) throw notInState(await context.cases.get(afterSale._id), change.to);
	return changed;
}

export const notInState = ({ _id: id, status }: AfterSale, to: string) =>
	invalidState(`The case can't become ${to}`, { id, state: status, allowed: listNextStatuses(status) });

/** The fields that every fact of a case has. */
export const identify = ({ _id, orderId, userId, type }: AfterSale) => ({
	afterSaleId: _id,
	orderId,
	userId,
	type
});
