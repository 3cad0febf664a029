/**
 * Runs the jobs of one key one after another, in the order of their calls; jobs of other keys run beside them. Only this
 * process is covered: for correctness a job relies on the guard of its own write, the mutex merely avoids contention.
 */
export class KeyedMutex {
	/** The last job of each key, by owner: two shops in one process don't wait for each other. */
	private readonly lastJobs = new WeakMap<object, Map<string, Promise<unknown>>>();

	/** Resolves or rejects as the job does; a job that fails holds up none behind it. */
	runExclusive<R>(owner: object, key: string, job: () => Promise<R>): Promise<R> {
		const lastByKey = this.lastJobs.get(owner) ?? new Map<string, Promise<unknown>>();
		this.lastJobs.set(owner, lastByKey);
		const running = (lastByKey.get(key) ?? Promise.resolve()).then(job, job);
		lastByKey.set(key, running);
		const removeIfLast = () => {
			if (lastByKey.get(key) === running) lastByKey.delete(key);
		};
		running.then(removeIfLast, removeIfLast);
		return running;
	}
}
