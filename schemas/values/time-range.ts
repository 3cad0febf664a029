type TimeRange = { readonly from?: string | undefined; readonly to?: string | undefined };
type Bounds = { readonly $gte?: Date; readonly $lt?: Date };

/** The filter of a time field for the half-open range `from` ≤ time < `to`; undefined where neither bound is given. */
export function withinTimeRange({ from, to }: TimeRange): Bounds | undefined {
	if (from === undefined && to === undefined) return undefined;
	return {
		...(from !== undefined && { $gte: new Date(from) }),
		...(to !== undefined && { $lt: new Date(to) })
	};
}
