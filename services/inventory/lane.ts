const lanes = new Map<string, Promise<unknown>>();

/**
 * Runs works of one name one after another in this process, so that they don't contend. Only for speed: what they may rely
 * on is the guard of their own write, since other processes have lanes of their own.
 */
export function inLane<R>(name: string, work: () => Promise<R>): Promise<R> {
	const before = lanes.get(name) ?? Promise.resolve();
	const mine = before.then(work, work);
	lanes.set(name, mine);
	const leave = () => {
		if (lanes.get(name) === mine) lanes.delete(name);
	};
	mine.then(leave, leave);
	return mine;
}
