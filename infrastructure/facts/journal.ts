import { DuplicateKey, type Collection, type Doc } from "../documents/collection";
import type { StoredFact } from "./transport";

/** A fact as a message of the stream: to all consumer groups or, when a dead letter is replayed, to the one that failed. */
export type FactMessage = {
	/** The message id by which the stream drops duplicates: the fact's own, or the dead letter's for a replay. */
	readonly id: string;
	readonly event: string;
	/** A consumer group, or ALL_GROUPS. */
	readonly to: string;
	/** The fact as JSON. */
	readonly text: string;
};
export const ALL_GROUPS = "_";

export const toMessage = (fact: StoredFact): FactMessage => ({
	id: fact.id,
	event: fact.event,
	to: ALL_GROUPS,
	text: JSON.stringify(fact)
});
export function parseFact(text: string): StoredFact {
	const fact = JSON.parse(text) as Omit<StoredFact, "at"> & { at: string };
	return { ...fact, at: new Date(fact.at) };
}

/** A document of `fact_journal`. `publishedAt` is the time of the message's last publication. */
type Entry = Doc & Omit<FactMessage, "id"> & { readonly publishedAt: Date };

const PAGE_SIZE = 200;

/**
 * The messages of the last minutes, stored with the documents. Outboxes are cleared once the stream has their facts, so a
 * stream that lost its data is refilled from here.
 */
export class Journal {
	constructor(private readonly entries: Collection<Entry>) {}

	async open(): Promise<void> {
		await this.entries.index({ keys: { publishedAt: 1 } });
	}

	/** Await before publishing: whatever is in the stream must also be in the journal. */
	async record({ id, ...message }: FactMessage): Promise<void> {
		const publishedAt = new Date();
		try {
			await this.entries.insert({ _id: id, ...message, publishedAt });
		} catch (err) {
			if (!(err instanceof DuplicateKey)) throw err;
			const renewed = await this.entries.change({ _id: id }, { $set: { publishedAt } });
			if (!renewed) await this.record({ id, ...message }); // the entry was old, and has just been deleted
		}
	}

	/** Yields all messages page by page, in the order of their ids. */
	async *readAll(): AsyncGenerator<FactMessage[]> {
		for (let after = ""; ;) {
			const page = await this.entries.find(
				{ _id: { $gt: after } },
				{ sort: { _id: 1 }, limit: PAGE_SIZE }
			);
			const last = page.at(-1);
			if (!last) return;
			yield page.map(({ _id, event, to, text }) => ({ id: _id, event, to, text }));
			after = last._id;
		}
	}

	/** Deletes in small steps, so that other operations need not wait long. */
	async deleteBefore(time: Date): Promise<void> {
		for (;;) {
			const old = { publishedAt: { $lt: time } };
			const page = await this.entries.find(old, {
				sort: { publishedAt: 1 },
				limit: PAGE_SIZE,
				fields: ["publishedAt"]
			});
			if (page.length) await this.entries.remove({ ...old, _id: { $in: page.map(({ _id }) => _id) } });
			if (page.length < PAGE_SIZE) return;
		}
	}
}
