import { ulid } from "ulid";
import { DAY_MS } from "../../schemas/values/durations";
import { createIdSequence } from "../../schemas/values/new-id";
import type { Span } from "../../schemas/traces.contract";
import { groupSpans } from "./trace.domain";
import type { TracesContext } from "./traces.context";

const nextId = createIdSequence();

/** Stores spans in batches. */
export async function recordSpans({ batches }: TracesContext, spans: readonly Span[]): Promise<void> {
	await batches.insertMissing(groupSpans(spans, nextId));
}

/** Removes batches older than `keepDays`; ids (ULID) begin with their time. */
export async function removeOldSpans({ batches }: TracesContext, keepDays: number, now: Date): Promise<void> {
	await batches.remove({ _id: { $lt: ulid(now.getTime() - keepDays * DAY_MS) } });
}
