import { monotonicFactory, ulid } from "ulid";
import type { Store } from "../../mixins/store.mixin";
import { DAY_MS } from "../../schemas/durations";
import type { Span } from "../../schemas/traces.contract";
import { sheets, type Sheet } from "./trace.domain";

export type Kept = { readonly sheets: Store<Sheet> };

const newId = monotonicFactory();

export async function keep(kept: Kept, spans: readonly Span[]): Promise<void> {
	await kept.sheets.insertMissing(sheets(spans, () => newId()));
}

/** Ids begin with their time. */
export async function forget(kept: Kept, keepDays: number, now: Date): Promise<void> {
	await kept.sheets.remove({ _id: { $lt: ulid(now.getTime() - keepDays * DAY_MS) } });
}
