import { action, contract } from "./kit/contract";
import * as r from "./kit/rules";

const count = () => r.int({ min: 0 });
/** `orders`: placed that day, whatever became of them. `revenue`: totals of the orders that were paid that day, in fen. */
const dayFigures = { orders: count(), paid: count(), revenue: r.fenSum(), refunds: r.fenSum() };

const dashboard = r.obj({
	today: r.obj({ ...dayFigures, newUsers: count() }),
	/** Every day of the period, the oldest first; the last one is today. */
	series: r.list(r.obj({ date: r.day(), ...dayFigures })),
	/** By what their lines cost in the orders that were paid in the period. */
	topProducts: r.list(r.obj({ productId: r.id(), name: r.str(), units: count(), revenue: r.fenSum() })),
	/** What waits for staff; a number of a service that is away is null. */
	waiting: r.obj({
		toShip: r.orNull(count()),
		afterSales: r.orNull(count()),
		reviews: r.orNull(count()),
		lowStock: r.orNull(count()),
		deadLetters: r.orNull(count())
	})
});
export type Dashboard = r.TypeOf<typeof dashboard>;

export const statistics = contract("statistics", {
	dashboard: action({ days: r.opt(r.oneOf("7", "30")) })
		.returns(dashboard)
		.rest(
			"GET /admin/dashboard",
			["merchandiser", "warehouse", "support"],
			"Orders, revenue and refunds by day in Beijing, products that sell best, and what waits for staff"
		)
});
