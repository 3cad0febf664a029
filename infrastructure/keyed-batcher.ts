import { KeyedMutex } from "./keyed-mutex";

type Batch<Item, Result> = { readonly items: Item[]; readonly result: Promise<Result> };

/**
 * A keyed mutex that also works on many items of a key at once: items that arrive while a job of their key is running
 * are collected and handled together in the next one.
 */
export class KeyedBatcher<Item, Result> extends KeyedMutex {
	/** The batch of each key that has not begun yet and takes in more items, by owner. */
	private readonly collecting = new WeakMap<object, Map<string, Batch<Item, Result>>>();

	/** A batch holds at most `maxBatchSize` items. */
	constructor(private readonly maxBatchSize: number) {
		super();
	}

	/** Resolves with what `work` made of the whole batch that the item was in. */
	runBatched(
		owner: object,
		key: string,
		item: Item,
		work: (items: readonly Item[]) => Promise<Result>
	): Promise<Result> {
		const batches = this.collecting.get(owner) ?? new Map<string, Batch<Item, Result>>();
		this.collecting.set(owner, batches);
		const open = batches.get(key);
		if (open && open.items.length < this.maxBatchSize) {
			open.items.push(item);
			return open.result;
		}
		const items = [item];
		const result = this.runExclusive(owner, key, () => {
			if (batches.get(key)?.items === items) batches.delete(key);
			return work(items);
		});
		batches.set(key, { items, result });
		return result;
	}
}
