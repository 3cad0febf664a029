import { DuplicateKey, type Collection, type Doc } from "../documents/collection";
import type { StoredFact } from "./transport";

/** A fact on its way to everybody, or again to one consumer group alone. */
export type FactMessage = {
	/** Under this id it is told once, however often it is published. */
	readonly id: string;
	readonly event: string;
	/** The group, or EVERYBODY. */
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

type Entry = Doc & Omit<FactMessage, "id"> & { readonly toldAt: Date };

const PAGE = 200;

/**
 * What was told lately, kept where the documents are: outboxes are empty once the queue has their facts, so a queue that
 * loses its store is filled again from here.
 */
export class Journal {
	constructor(private readonly entries: Collection<Entry>) {}

	async open(): Promise<void> {
		await this.entries.index({ keys: { toldAt: 1 } });
	}

	/** To be waited for before the telling itself: whatever may be in the queue must be here. */
	async record({ id, ...telling }: FactMessage): Promise<void> {
		const toldAt = new Date();
		try {
			await this.entries.insert({ _id: id, ...telling, toldAt });
		} catch (err) {
			if (!(err instanceof DuplicateKey)) throw err;
			const young = await this.entries.change({ _id: id }, { $set: { toldAt } });
			if (!young) await this.record({ id, ...telling }); // it was old, and has just been forgotten
		}
	}

	/** Everything, page by page, in the order of the ids. */
	async *readAll(): AsyncGenerator<FactMessage[]> {
		for (let after = ""; ;) {
			const page = await this.entries.find({ _id: { $gt: after } }, { sort: { _id: 1 }, limit: PAGE });
			const last = page.at(-1);
			if (!last) return;
			yield page.map(({ _id, event, to, text }) => ({ id: _id, event, to, text }));
			after = last._id;
		}
	}

	/** In small steps, so that it holds nobody up. */
	async deleteBefore(before: Date): Promise<void> {
		for (;;) {
			const old = { toldAt: { $lt: before } };
			const page = await this.entries.find(old, {
				sort: { toldAt: 1 },
				limit: PAGE,
				fields: ["toldAt"]
			});
			if (page.length) await this.entries.remove({ ...old, _id: { $in: page.map(({ _id }) => _id) } });
			if (page.length < PAGE) return;
		}
	}
}
