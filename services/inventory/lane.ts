const lanes = new WeakMap<object, Map<string, Promise<unknown>>>();

/**
 * Runs the works of one owner and name one after another, so that they don't contend. Only for speed: what they may rely on
 * is the guard of their own write, since other processes have lanes of their own.
 */
export function inLane<R>(owner: object, name: string, work: () => Promise<R>): Promise<R> {
	const mine = lanes.get(owner) ?? new Map<string, Promise<unknown>>();
	lanes.set(owner, mine);
	const before = mine.get(name) ?? Promise.resolve();
	const next = before.then(work, work);
	mine.set(name, next);
	const leave = () => {
		if (mine.get(name) === next) mine.delete(name);
	};
	next.then(leave, leave);
	return next;
}
