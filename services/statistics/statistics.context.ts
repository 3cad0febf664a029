import type { Store } from "../../mixins/store.mixin";
import type { Day, ProductDay, RefundMark, Row } from "./tally.domain";

/** The refunds of one order, under its id; `rows` are those that its marks made. */
export type OrderRefunds = {
	readonly _id: string;
	readonly marks: readonly RefundMark[];
	readonly rows: readonly Pick<Row, "_id" | "day" | "refunds">[];
	readonly at: Date;
};

/** Stores that the functions of this service work with. */
export type StatisticsContext = {
	readonly rows: Store<Row>;
	readonly days: Store<Day>;
	readonly products: Store<ProductDay>;
	readonly refunds: Store<OrderRefunds>;
};
