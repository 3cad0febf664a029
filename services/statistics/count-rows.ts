import { DAY_MS } from "../../schemas/values/durations";
import type { StatisticsContext } from "./statistics.context";
import {
	createDay,
	createProductDay,
	productDayId,
	sumFigures,
	sumLines,
	type Day,
	type SoldLine
} from "./tally.domain";

/** Rows of one day that are counted by one write. */
const ROWS_PER_BATCH = 200;

/** Batches that one run counts at most. */
const MAX_ROUNDS = 500;

/** Adds the rows that are not counted yet to their days and products. Several processes may do so at once. */
export async function countNewRows(context: StatisticsContext): Promise<void> {
	for (let round = 0; round < MAX_ROUNDS; round++) {
		const found = await context.rows.find(
			{ batch: 0 },
			{ sort: { _id: 1 }, limit: ROWS_PER_BATCH, fields: ["day"] }
		);
		for (const [day, rows] of Map.groupBy(found, row => row.day))
			await countDay(
				context,
				day,
				rows.map(({ _id }) => _id)
			);
		if (!found.length) return;
	}
}

/**
 * Counts rows of a day exactly once, whatever crashes between two writes. The day first names its batch; one that is open
 * already, left by a crash or under way in another process, is counted in its place.
 */
async function countDay(context: StatisticsContext, day: string, rowIds: readonly string[]): Promise<void> {
	const { open } = await context.days.rewrite(
		day,
		({ batch, open: openBatch }) =>
			openBatch
				? null
				: {
						guard: { batch, open: { $exists: false } },
						update: { $set: { open: { batch: batch + 1, rowIds } } }
					},
		{ initial: createDay(day) }
	);
	if (open) await countBatch(context, day, open);
}

/** Every step may be repeated: rows remember their batch, products and the day the last batch that they have counted. */
async function countBatch(
	context: StatisticsContext,
	day: string,
	{ batch, rowIds }: NonNullable<Day["open"]>
): Promise<void> {
	const { rows, days } = context;
	await rows.changeMany({ _id: { $in: rowIds }, batch: 0 }, { $set: { batch } });
	// Rows that another batch has counted since they were found have its number.
	const counted = (await rows.find({ _id: { $in: rowIds } })).filter(row => row.batch === batch);
	for (const sold of sumLines(counted.flatMap(({ lines = [] }) => lines)))
		await countProduct(context, day, sold, batch);
	await days.change(
		{ _id: day, "open.batch": batch },
		{ $inc: sumFigures(counted), $set: { batch }, $unset: { open: "" } }
	);
}

async function countProduct(
	{ products }: StatisticsContext,
	day: string,
	{ productId, units, revenue }: SoldLine,
	batch: number
): Promise<void> {
	const count = () =>
		products.change(
			{ _id: productDayId(day, productId), batch: { $lt: batch } },
			{ $inc: { units, revenue }, $set: { batch } }
		);
	if (await count()) return;
	if (await products.tryInsert(createProductDay(day, productId))) await count();
}

/** Rows are of no use once their fact can't come again; products count for the longest period of the dashboard. */
const KEEP_MS = 45 * DAY_MS;

/** Removes rows and products of days that no dashboard shows any more; the figures of the days stay. */
export async function forgetOldRows({ rows, products, refunds }: StatisticsContext): Promise<void> {
	const before = new Date(Date.now() - KEEP_MS);
	await rows.remove({ at: { $lt: before }, batch: { $gt: 0 } });
	await refunds.remove({ at: { $lt: before } });
	await products.remove({ day: { $lt: before.toISOString().slice(0, 10) } });
}
