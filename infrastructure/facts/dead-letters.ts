import { newId } from "../../schemas/values/new-id";
import { DuplicateKey, type Collection, type Doc } from "../documents/collection";
import { parseFact, type FactMessage } from "./journal";
import type { DeadLetter } from "./transport";

/** A document of `facts_dead`. */
type StoredDeadLetter = Doc & {
	/** The key of the failed delivery: when two processes give up the same one, a single dead letter is stored. */
	readonly delivery: string;
	readonly consumer: string;
	readonly event: string;
	readonly text: string;
	readonly error: string;
	readonly attempts: number;
	readonly at: Date;
	/** Replay requested: the dead letter is no longer listed, and is deleted once its fact is republished. */
	readonly again: boolean;
};

/** Dead letters as documents: a stream that loses its data loses none of them. */
export class DeadLetters {
	constructor(private readonly letters: Collection<StoredDeadLetter>) {}

	async open(): Promise<void> {
		await this.letters.index({ keys: { delivery: 1 }, unique: true });
		await this.letters.index({ keys: { again: 1, _id: -1 } });
	}

	async add(letter: Omit<StoredDeadLetter, "_id" | "at" | "again">): Promise<void> {
		try {
			await this.letters.insert({ _id: newId(), ...letter, at: new Date(), again: false });
		} catch (err) {
			if (!(err instanceof DuplicateKey)) throw err;
		}
	}

	async list({ skip, limit }: { readonly skip: number; readonly limit: number }) {
		const dead = { again: false };
		const [found, total] = await Promise.all([
			this.letters.find(dead, { sort: { _id: -1 }, skip, limit }),
			this.letters.count(dead)
		]);
		return { items: found.map(toDeadLetter), total };
	}

	/**
	 * Claims a dead letter for its replay and returns the message to publish: from now on nobody else can replay or discard
	 * it. Null where there is none of that id, or it has been claimed.
	 */
	async claim(id: string): Promise<FactMessage | null> {
		const letter = await this.letters.change({ _id: id, again: false }, { $set: { again: true } });
		return letter && toReplayMessage(letter);
	}

	/** The messages of claimed dead letters that a crash or an outage kept from being republished; at most 100. */
	async listClaimed(): Promise<FactMessage[]> {
		const claimed = await this.letters.find({ again: true }, { sort: { _id: -1 }, limit: 100 });
		return claimed.map(toReplayMessage);
	}

	async deleteClaimed({ id }: FactMessage): Promise<void> {
		await this.letters.remove({ _id: id, again: true });
	}

	async discard(id: string): Promise<boolean> {
		return (await this.letters.remove({ _id: id, again: false })) > 0;
	}
}

/** The message id is the dead letter's: the stream would drop one with the fact's id as a duplicate. */
const toReplayMessage = ({ _id, event, consumer, text }: StoredDeadLetter): FactMessage => ({
	id: _id,
	event,
	to: consumer,
	text
});

function toDeadLetter({ _id, consumer, error, attempts, at, text }: StoredDeadLetter): DeadLetter {
	const { id, event, payload } = parseFact(text);
	return { id: _id, event, consumer, payload, factId: id, error, attempts, at };
}
