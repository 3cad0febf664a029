import { monotonicFactory, ulid } from "ulid";
import type { Store } from "../../mixins/store.mixin";
import { DAY_MS } from "../../schemas/durations";
import type { Span } from "../../schemas/traces.contract";
import { groupSpans, type SpanBatch } from "./trace.domain";

export type TracesContext = { readonly sheets: Store<SpanBatch> };

const newId = monotonicFactory();

export async function recordSpans(context: TracesContext, spans: readonly Span[]): Promise<void> {
	await context.sheets.insertMissing(groupSpans(spans, () => newId()));
}

/** Ids begin with their time. */
export async function removeOldSpans(context: TracesContext, keepDays: number, now: Date): Promise<void> {
	await context.sheets.remove({ _id: { $lt: ulid(now.getTime() - keepDays * DAY_MS) } });
}
