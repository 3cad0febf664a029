import type { Span } from "../../schemas/traces.contract";
import { findSurplus, groupSpans, MAX_KEPT_BATCHES } from "./trace.domain";

const aSpan = (requestId: string, orderId: string | null): Span => ({
	at: "2026-01-31T08:00:00.000Z",
	service: "orders",
	node: "node",
	step: "orders.create",
	event: null,
	attempt: 1,
	ms: 1,
	outcome: "ok",
	orderId,
	requestId
});
const refsOf = (spans: readonly Span[]) => groupSpans(spans, () => "id").map(({ refs }) => refs.toSorted());

it("puts the requests and facts about one order into one batch, with the calls that do not name it", () => {
	const batches = groupSpans([aSpan("r1", null), aSpan("r1", "o1"), aSpan("f1", "o1")], () => "id");

	expect(batches.map(({ refs, spans }) => [refs.toSorted(), spans.length])).toEqual([
		[["f1", "o1", "r1"], 3]
	]);
});

it("keeps apart the requests about other orders, about several and about none", () => {
	expect(
		refsOf([
			aSpan("r1", "o1"),
			aSpan("r2", "o2"),
			aSpan("r3", "o1"),
			aSpan("r3", "o2"),
			aSpan("r4", null)
		])
	).toEqual([["o1", "r1"], ["o2", "r2"], ["o1", "o2", "r3"], ["r4"]]);
});

it("keeps the beginning and the end of an order's trace, and what is about other orders too", () => {
	const batches = Array.from({ length: MAX_KEPT_BATCHES + 3 }, (_, n) => ({
		_id: String(n),
		requestId: `r${n}`,
		refs: ["o1"],
		spans: [aSpan(`r${n}`, "o1"), aSpan(`r${n}`, n === MAX_KEPT_BATCHES / 2 + 1 ? "o2" : null)]
	}));

	const surplus = findSurplus(batches, "o1").map(({ _id }) => Number(_id));

	expect(surplus).toEqual([MAX_KEPT_BATCHES / 2, MAX_KEPT_BATCHES / 2 + 2]);
	expect(findSurplus(batches.slice(3), "o1")).toEqual([]);
});
