import type { Ctx } from "../../schemas/kit/service";
import { call } from "../../schemas/registry";
import type { Dashboard } from "../../schemas/statistics.contract";
import { findTopProducts } from "./find-top-products";
import type { StatisticsContext } from "./statistics.context";
import { createDay, listDays } from "./tally.domain";

/** Time-out of the services that are asked what waits; afterwards their number is null. */
const TIMEOUT_MS = 1500;

/** The figures of the last `count` days in Beijing, as far as they are counted. */
export async function readDashboard(
	context: StatisticsContext,
	ctx: Ctx<unknown>,
	count: number
): Promise<Dashboard> {
	const dates = listDays(new Date(), count);
	const [stored, topProducts, waiting] = await Promise.all([
		context.days.find({ _id: { $in: dates } }),
		readTopProducts(context, ctx, dates),
		countWaiting(ctx)
	]);
	const byDate = new Map(stored.map(day => [day._id, day]));
	const days = dates.map(date => byDate.get(date) ?? createDay(date));
	const { orders = 0, paid = 0, revenue = 0, refunds = 0, newUsers = 0 } = days.at(-1) ?? {};
	return {
		today: { orders, paid, revenue, refunds, newUsers },
		series: days.map(day => ({
			date: day._id,
			orders: day.orders,
			paid: day.paid,
			revenue: day.revenue,
			refunds: day.refunds
		})),
		topProducts,
		waiting
	};
}

async function readTopProducts(
	context: StatisticsContext,
	ctx: Ctx<unknown>,
	dates: readonly string[]
): Promise<Dashboard["topProducts"]> {
	const sold = await findTopProducts(context, dates);
	const productIds = sold.map(({ productId }) => productId);
	const goods = productIds.length ? await call(ctx, "products.goods", { productIds }) : [];
	const nameOf = new Map(goods.map(({ productId, name }) => [productId, name]));
	return sold.map(({ productId, units, revenue }) => ({
		productId,
		name: nameOf.get(productId) ?? productId,
		units,
		revenue
	}));
}

async function countWaiting(ctx: Ctx<unknown>): Promise<Dashboard["waiting"]> {
	const options = { timeout: TIMEOUT_MS };
	const [toShip, requested, returned, reviews, lowStock, deadLetters] = await Promise.all([
		totalOf(ctx, call(ctx, "orders.adminList", { status: "paid", pageSize: 1 }, options)),
		totalOf(ctx, call(ctx, "afterSales.adminList", { status: "requested", pageSize: 1 }, options)),
		totalOf(ctx, call(ctx, "afterSales.adminList", { status: "returned", pageSize: 1 }, options)),
		totalOf(ctx, call(ctx, "reviews.adminList", { status: "waiting", pageSize: 1 }, options)),
		totalOf(ctx, call(ctx, "inventory.list", { low: true, pageSize: 1 }, options)),
		totalOf(ctx, call(ctx, "deadLetters.list", { pageSize: 1 }, options))
	]);
	const afterSales = requested === null || returned === null ? null : requested + returned;
	return { toShip, afterSales, reviews, lowStock, deadLetters };
}

async function totalOf(ctx: Ctx<unknown>, list: Promise<{ readonly total: number }>): Promise<number | null> {
	try {
		return (await list).total;
	} catch (err) {
		ctx.broker.logger.debug({ err }, "A service did not answer: the dashboard lacks what waits there");
		return null;
	}
}
