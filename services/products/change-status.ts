import { invalidState, isRefusal, type Refusal } from "../../schemas/errors/errors";
import type { ProductStatus } from "../../schemas/products.views";
import { fact, type Fact } from "../../schemas/registry";
import { findStatusPath, statusesBefore, TRANSITIONS, type Product } from "./product.domain";
import type { ProductsContext } from "./products.context";

type Shelving = "on_shelf" | "off_shelf";

type Options = {
	/** Why staff reject the product. */
	readonly reason?: string | null;
	/** Who submits the product. */
	readonly submittedBy?: string | undefined;
	/** Change only where this person did not submit the product. */
	readonly notSubmittedBy?: string | undefined;
	/** Change only where this is what the schedule still says, to the millisecond. */
	readonly scheduledAt?: Date;
};

/** Changes the status where the transition is legal, and drops any schedule; refuses with INVALID_STATE. */
export async function changeStatus(
	{ products, cache }: ProductsContext,
	id: string,
	to: ProductStatus,
	{ reason = null, submittedBy, notSubmittedBy, scheduledAt }: Options = {}
): Promise<Product> {
	const guard = {
		status: { $in: statusesBefore(to) },
		...(notSubmittedBy !== undefined && { submittedBy: { $ne: notSubmittedBy } }),
		...(scheduledAt && { "schedule.at": scheduledAt, "schedule.to": to })
	};
	const update = {
		$set: {
			status: to,
			reason,
			updatedAt: new Date(),
			...(submittedBy !== undefined && { submittedBy })
		},
		$unset: { schedule: "" },
		$inc: { revision: 1 }
	};
	const product = await products.mustChange(id, guard, update, factsOf(id, to), notInState(notSubmittedBy));
	await cache.clean(id);
	return product;
}

/** The refusal of an illegal change. Whoever submitted a product can't approve it (`security.twoPersonProducts`). */
const notInState =
	(notSubmittedBy?: string) =>
	({ _id: id, status, submittedBy }: Product): Refusal => {
		const isOwn = notSubmittedBy !== undefined && submittedBy === notSubmittedBy;
		const allowed = TRANSITIONS[status].filter(to => !(isOwn && to === "approved"));
		return invalidState("The product is not in a state for this", { id, state: status, allowed });
	};

/** Whether `moveStatus` would move the product: a path leads there, and nobody submits and approves where two must. */
export function canMoveStatus(
	{ config }: Pick<ProductsContext, "config">,
	{ status: from, submittedBy }: Pick<Product, "status" | "submittedBy">,
	to: ProductStatus,
	by: string | undefined
): boolean {
	const path = findStatusPath(from, to);
	if (!path) return false;
	const isOwn = path.includes("pending") || (submittedBy !== undefined && submittedBy === by);
	return !(path.includes("approved") && isOwn && config.get("security.twoPersonProducts"));
}

/**
 * Moves a product along legal transitions to a status, in one write: those between are passed, not taken, so that nothing is
 * for sale for a moment. Refuses with INVALID_STATE where `canMoveStatus` says no.
 */
export async function moveStatus(
	context: ProductsContext,
	product: Product,
	to: ProductStatus,
	by: string | undefined
): Promise<void> {
	const { products, cache } = context;
	const { _id, status: from } = product;
	if (!canMoveStatus(context, product, to, by)) throw notInState(by)(product);
	const submits = findStatusPath(from, to)?.includes("pending") ?? false;
	const $set = {
		status: to,
		reason: null,
		updatedAt: new Date(),
		...(submits && by !== undefined && { submittedBy: by })
	};
	const update = { $set, $unset: { schedule: "" }, $inc: { revision: 1 } };
	await products.mustChange(_id, { status: from }, update, factsOf(_id, to));
	await cache.clean(_id);
}

function factsOf(productId: string, to: ProductStatus): Fact[] {
	if (to === "on_shelf") return [fact("product.on_shelf", { productId })];
	return to === "off_shelf" ? [fact("product.off_shelf", { productId })] : [];
}

/** Puts a product on the shelf or takes it off, now or at `at`; a time in the past means now. */
export function changeShelving(
	context: ProductsContext,
	{ id, at }: { readonly id: string; readonly at?: string | undefined },
	to: Shelving
): Promise<Product> {
	const due = at === undefined ? undefined : new Date(at);
	return due && due.getTime() > Date.now()
		? scheduleShelving(context, id, to, due)
		: changeStatus(context, id, to);
}

/** Refuses a change that would be illegal now. */
async function scheduleShelving(
	{ products, cache }: ProductsContext,
	id: string,
	to: Shelving,
	at: Date
): Promise<Product> {
	const update = { $set: { schedule: { to, at }, updatedAt: new Date() }, $inc: { revision: 1 } };
	const guard = { status: { $in: statusesBefore(to) } };
	const product = await products.mustChange(id, guard, update, [], notInState());
	await cache.clean(id);
	return product;
}

/** A product without a schedule stays as it is. */
export async function cancelSchedule({ products, cache }: ProductsContext, id: string): Promise<Product> {
	const update = { $unset: { schedule: "" }, $set: { updatedAt: new Date() }, $inc: { revision: 1 } };
	const product = await products.change({ _id: id, "schedule.at": { $exists: true } }, update);
	if (!product) return products.get(id);
	await cache.clean(id);
	return product;
}

const BATCH = 100;

/** Carries out the schedules that are due. A product rescheduled meanwhile is left alone: each write names the time found. */
export async function applyDueSchedules(context: ProductsContext): Promise<void> {
	const due = await context.products.find(
		{ "schedule.at": { $lte: new Date() } },
		{ sort: { "schedule.at": 1 }, limit: BATCH }
	);
	for (const { _id, schedule } of due) {
		if (!schedule) continue;
		const change = changeStatus(context, _id, schedule.to, { scheduledAt: schedule.at });
		await change.catch((err: unknown) => {
			if (!isRefusal(err, "INVALID_STATE") && !isRefusal(err, "NOT_FOUND")) throw err;
		});
	}
}
