import { unique } from "./builders";

const HOUR_MS = 3_600_000;
const hoursFromNow = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString();

/** Body of a promotion for these SKUs that runs now. */
export const aPromotion = (type: string, skuIds: readonly string[], more: object = {}) => ({
	name: unique("活动 "),
	type,
	scope: { skuIds },
	startsAt: hoursFromNow(-1),
	endsAt: hoursFromNow(1),
	...more
});
