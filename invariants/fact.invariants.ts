import type { WithOutbox } from "../infrastructure/documents/outbox";
import { secondsAgo, type InvariantsContext } from "./invariants.context";

/** Most overdue documents of a collection that are named. In the order of the index, so that nothing else is read. */
const MAX_LISTED = 1000;

/** I4: no fact waits for more than a minute in an outbox or for a consumer, and there are no dead letters. */
export async function findUnhandledFacts(context: InvariantsContext): Promise<string[]> {
	const found: string[] = [];
	const overdue = { outboxAt: { $lt: secondsAgo(context, 60) } };
	for (const name of context.outboxCollections)
		for (const { _id } of await context
			.collection<WithOutbox>(name)
			.find(overdue, { sort: { outboxAt: 1 }, limit: MAX_LISTED, fields: ["_id"] }))
			found.push(`${name} ${_id} has facts in its outbox`);
	for (const { consumer, event, oldestAt } of await context.facts.lag())
		if (oldestAt && oldestAt < secondsAgo(context, 60))
			found.push(`${consumer} has not handled ${event} for a minute`);
	const { items, total } = await context.facts.deadLetters({ skip: 0, limit: 20 });
	for (const { id, event, consumer, error } of items)
		found.push(`dead letter ${id}: ${event} at ${consumer}: ${error}`);
	if (total > items.length) found.push(`and ${total - items.length} more dead letters`);
	return found;
}
