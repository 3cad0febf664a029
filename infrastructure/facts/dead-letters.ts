import { ulid } from "ulid";
import { DuplicateKey, type Collection, type Doc } from "../documents/collection";
import { parseFact, type FactMessage } from "./journal";
import type { DeadLetter } from "./transport";

type StoredDeadLetter = Doc & {
	/** Which delivery failed for the last time: given up twice, it is one letter. */
	readonly delivery: string;
	readonly consumer: string;
	readonly event: string;
	readonly text: string;
	readonly error: string;
	readonly attempts: number;
	readonly at: Date;
	/** Somebody has it told again: no letter any more, and gone once it is on its way. */
	readonly again: boolean;
};

/** Dead letters as documents: a queue that loses its store loses none of them. */
export class DeadLetters {
	constructor(private readonly letters: Collection<StoredDeadLetter>) {}

	async open(): Promise<void> {
		await this.letters.index({ keys: { delivery: 1 }, unique: true });
		await this.letters.index({ keys: { again: 1, _id: -1 } });
	}

	async add(letter: Omit<StoredDeadLetter, "_id" | "at" | "again">): Promise<void> {
		try {
			await this.letters.insert({ _id: ulid(), ...letter, at: new Date(), again: false });
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
		return { items: found.map(view), total };
	}

	/** From now on nobody else can have it told again or discard it; null when somebody has, or there never was one. */
	async claim(id: string): Promise<FactMessage | null> {
		const letter = await this.letters.change({ _id: id, again: false }, { $set: { again: true } });
		return letter && replayMessage(letter);
	}

	/** Those that are about to be told; after a crash or an outage nobody else does it. */
	async listClaimed(): Promise<FactMessage[]> {
		const claimed = await this.letters.find({ again: true }, { sort: { _id: -1 }, limit: 100 });
		return claimed.map(replayMessage);
	}

	async deleteClaimed({ id }: FactMessage): Promise<void> {
		await this.letters.remove({ _id: id, again: true });
	}

	async discard(id: string): Promise<boolean> {
		return (await this.letters.remove({ _id: id, again: false })) > 0;
	}
}

/** Under the letter's own id, since the fact's is known to the queue already. */
const replayMessage = ({ _id, event, consumer, text }: StoredDeadLetter): FactMessage => ({
	id: _id,
	event,
	to: consumer,
	text
});

function view({ _id, consumer, error, attempts, at, text }: StoredDeadLetter): DeadLetter {
	const { id, event, payload } = parseFact(text);
	return { id: _id, event, consumer, payload, factId: id, error, attempts, at };
}
