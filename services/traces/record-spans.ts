import { ulid } from "ulid";
import { DAY_MS } from "../../schemas/values/durations";
import { createIdSequence } from "../../schemas/values/new-id";
import type { Span } from "../../schemas/traces.contract";
import { findSurplus, groupSpans, listOrderIds, MAX_KEPT_BATCHES } from "./trace.domain";
import type { TracesContext } from "./traces.context";

const nextId = createIdSequence();

/** A process looks whether an order has too many batches each time that it has stored so many of them. */
const CHECK_EVERY = 50;
/** Orders whose batches a process counts at a time. */
const MAX_COUNTED = 10_000;
/** Batches that this process has stored of an order since it last looked. */
const stored = new Map<string, number>();

/** Stores spans in batches, and removes some of an order of which there are more than anybody reads. */
export async function recordSpans({ batches }: TracesContext, spans: readonly Span[]): Promise<void> {
	const added = groupSpans(spans, nextId);
	await batches.insertMissing(added);
	for (const orderId of added.flatMap(listOrderIds)) {
		const count = (stored.get(orderId) ?? 0) + 1;
		stored.delete(orderId);
		if (count < CHECK_EVERY) stored.set(orderId, count);
		else await removeSurplus({ batches }, orderId);
	}
	for (const [oldest] of stored) {
		if (stored.size <= MAX_COUNTED) break;
		stored.delete(oldest);
	}
}

async function removeSurplus({ batches }: TracesContext, orderId: string): Promise<void> {
	const limit = 2 * MAX_KEPT_BATCHES;
	const found = await batches.find({ refs: { $in: [orderId] } }, { sort: { _id: 1 }, limit });
	const surplus = findSurplus(found, orderId).map(({ _id }) => _id);
	if (surplus.length > 0) await batches.remove({ _id: { $in: surplus } });
}

/** Removes batches older than `keepDays`; ids (ULID) begin with their time. */
export async function removeOldSpans({ batches }: TracesContext, keepDays: number, now: Date): Promise<void> {
	await batches.remove({ _id: { $lt: ulid(now.getTime() - keepDays * DAY_MS) } });
}
