type Batch<Item, Done> = { readonly items: Item[]; readonly done: Promise<Done> };
/** `joining` waits for its turn, and takes in more until it comes. */
type Lane<Item, Done> = { last: Promise<unknown>; joining: Batch<Item, Done> | null };

/**
 * Runs the works of one owner and name one after another, so that they don't contend. Only for speed: what they may rely on
 * is the guard of their own write, since other processes have lanes of their own.
 */
export class KeyedBatcher<Item, Done> {
	private readonly ofOwners = new WeakMap<object, Map<string, Lane<Item, Done>>>();

	/** No more items than `most` are worked on together. */
	constructor(private readonly most: number) {}

	runExclusive<R>(owner: object, name: string, work: () => Promise<R>): Promise<R> {
		const lane = this.laneOf(owner, name);
		const next = lane.last.then(work, work);
		lane.last = next;
		const leave = () => {
			if (lane.last === next) this.ofOwners.get(owner)?.delete(name);
		};
		next.then(leave, leave);
		return next;
	}

	/** Works on the item and all that come until its turn does, at once; answers what came of them all. */
	runBatched(
		owner: object,
		name: string,
		item: Item,
		work: (items: readonly Item[]) => Promise<Done>
	): Promise<Done> {
		const lane = this.laneOf(owner, name);
		if (lane.joining && lane.joining.items.length < this.most) {
			lane.joining.items.push(item);
			return lane.joining.done;
		}
		const items = [item];
		const done = this.runExclusive(owner, name, () => {
			if (lane.joining?.items === items) lane.joining = null;
			return work(items);
		});
		lane.joining = { items, done };
		return done;
	}

	/** Each leaves when its last work is done, and nothing joins it by then. */
	private laneOf(owner: object, name: string): Lane<Item, Done> {
		const lanes = this.ofOwners.get(owner) ?? new Map<string, Lane<Item, Done>>();
		const lane = lanes.get(name) ?? { last: Promise.resolve(), joining: null };
		this.ofOwners.set(owner, lanes.set(name, lane));
		return lane;
	}
}
