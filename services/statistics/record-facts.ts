import { decodeTime } from "ulid";
import type { PayloadOf } from "../../schemas/kit/contract";
import type { Events } from "../../schemas/registry";
import { beijingDay } from "../../schemas/values/beijing-day";
import type { StatisticsContext } from "./statistics.context";
import { addRefundMark, sumLines, type Row } from "./tally.domain";

type Payload<K extends keyof Events> = PayloadOf<Events[K]>;
type NewRow = Omit<Row, "batch" | "at" | "day">;

/** Stores a row under the day of `at`; one that is stored already stays as it is. */
async function addRow({ rows }: StatisticsContext, at: Date, row: NewRow): Promise<void> {
	await rows.tryInsert({ ...row, day: beijingDay(at), at, batch: 0 });
}

/** An order counts on the day of its `createdAt`, which is the time in its id. */
export const recordPlaced = (
	context: StatisticsContext,
	{ orderId }: Payload<"order.created">
): Promise<void> => addRow(context, new Date(decodeTime(orderId)), { _id: `placed:${orderId}`, orders: 1 });

/** `factAt` stands for `paidAt` in facts of earlier versions. */
export function recordPaid(
	context: StatisticsContext,
	{ orderId, total, paidAt, lines }: Payload<"order.paid">,
	factAt: Date
): Promise<void> {
	const sold = lines.map(({ productId, quantity, amount = 0 }) => ({
		productId,
		units: quantity,
		revenue: amount
	}));
	const at = paidAt === undefined ? factAt : new Date(paidAt);
	return addRow(context, at, { _id: `paid:${orderId}`, paid: 1, revenue: total, lines: sumLines(sold) });
}

/**
 * Records how much of an order's money had been sent back at that time. What the mark changes is decided in one guarded write
 * of the order's marks; its rows are stored after that, again where a crash came between.
 */
export async function recordRefunded(
	{ refunds, rows }: StatisticsContext,
	orderId: string,
	refunded: number,
	at: Date
): Promise<void> {
	if (refunded === 0) return;
	const day = beijingDay(at);
	const stored = await refunds.rewrite(
		orderId,
		({ marks }) => {
			if (marks.some(mark => mark.refunded === refunded)) return null;
			const added = addRefundMark(marks, { refunded, day }).map(change => ({
				...change,
				_id: `refund:${orderId}:${refunded}:${change.day}`
			}));
			return {
				guard: { marks: { $size: marks.length } },
				update: { $push: { marks: { refunded, day }, rows: { $each: added } } }
			};
		},
		{ initial: { _id: orderId, marks: [], rows: [], at } }
	);
	for (const row of stored.rows) await rows.tryInsert({ ...row, at, batch: 0 });
}

export const recordUser = (
	context: StatisticsContext,
	{ userId }: Payload<"user.registered">,
	factAt: Date
): Promise<void> => addRow(context, factAt, { _id: `user:${userId}`, newUsers: 1 });
