import { fact } from "../../schemas/registry";
import { createMember, findLevel, sumSpent, type Level, type MemberOrder } from "./member.domain";
import type { MembersContext } from "./members.context";

export const readLevels = ({ levels, cache }: MembersContext): Promise<readonly Level[]> =>
	cache.getLocal("levels", () => levels.find({}, { sort: { minSpent: 1 }, limit: 100 }));

/** Notes that an order of the user was paid. */
export async function recordPaid({ members }: MembersContext, userId: string): Promise<void> {
	await members.rewrite(
		userId,
		({ hasPaid, version }) =>
			hasPaid
				? null
				: { guard: { version }, update: { $set: { hasPaid: true, version: version + 1 } } },
		{ initial: createMember(userId) }
	);
}

type Change = Pick<MemberOrder, "_id" | "userId"> &
	Partial<Pick<MemberOrder, "completed" | "total" | "refunded">>;

/** Records what became of an order. Facts may come twice and in any order: amounts only grow. */
export async function recordOrder(context: MembersContext, change: Change): Promise<void> {
	const { _id, userId, completed, total = 0, refunded = 0 } = change;
	await context.memberOrders.insertOnce({ _id, userId, completed: false, total: 0, refunded: 0 }, { _id });
	await context.memberOrders.change(
		{ _id },
		{ $max: { total, refunded }, ...(completed && { $set: { completed } }) }
	);
	await countSpent(context, userId);
}

/**
 * Sums what the member spent from the orders. The sum is guarded by the member's version, which is read before the orders:
 * a sum that another one overtook is made again.
 */
async function countSpent(context: MembersContext, userId: string): Promise<void> {
	const levels = await readLevels(context);
	await context.members.rewrite(
		userId,
		async ({ spent: before, version }) => {
			const orders = await context.memberOrders.find({ userId, completed: true });
			const spent = sumSpent(orders);
			const level = findLevel(levels, spent);
			const isChanged = level?._id !== findLevel(levels, before)?._id;
			return {
				guard: { version },
				update: { $set: { spent, version: version + 1 } },
				facts: isChanged
					? [fact("member.level_changed", { userId, levelId: level?._id ?? null })]
					: []
			};
		},
		{ initial: createMember(userId) }
	);
}
