import { monotonicFactory, ulid } from "ulid";
import { DAY_MS } from "../../schemas/values/durations";
import type { Span } from "../../schemas/traces.contract";
import { groupSpans } from "./trace.domain";
import type { TracesContext } from "./traces.context";

const newId = monotonicFactory();

/** Stores spans in batches. */
export async function recordSpans({ batches }: TracesContext, spans: readonly Span[]): Promise<void> {
	await batches.insertMissing(groupSpans(spans, () => newId()));
}

/** Removes batches older than `keepDays`; ids (ULID) begin with their time. */
export async function removeOldSpans({ batches }: TracesContext, keepDays: number, now: Date): Promise<void> {
	await batches.remove({ _id: { $lt: ulid(now.getTime() - keepDays * DAY_MS) } });
}
