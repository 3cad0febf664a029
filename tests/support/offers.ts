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

/** Body of a coupon template for all goods that can be claimed now. */
export const aTemplate = (type: string, more: object = {}) => ({
	name: unique("优惠券 "),
	type,
	scope: { all: true },
	total: 100,
	perUser: 1,
	claimFrom: hoursFromNow(-1),
	claimTo: hoursFromNow(1),
	...("validTo" in more ? {} : { validDays: 7 }),
	...more
});
