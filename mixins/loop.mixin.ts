import { setTimeout as pause } from "node:timers/promises";
import type { Service } from "moleculer";
import { registerBackgroundWork } from "../infrastructure/background-work";
import type { Mixin } from "../schemas/kit/service";
import { logError } from "../infrastructure/log-codes";

/** Work that is done again and again, more often than a sweep. */
export type Loop<S> = {
	readonly name: string;
	/** Resolves to the pause before the next run, in ms. */
	run(this: S): Promise<number>;
};

const AFTER_FAILURE_MS = 1_000;

/**
 * Repeats each loop while the service is up, no loop twice at a time in this process. `this.wake()` ends the pauses. A stop
 * awaits the runs under way. A failed run is logged and repeated.
 */
export function loopMixin<S>(...loops: readonly Loop<S>[]): Mixin<{ wake: () => void }> {
	type State = { stopped: boolean; pauses: Set<AbortController>; done: Promise<unknown> };
	const stateOf = new WeakMap<Service, State>();
	const wake = (state: State | undefined) => state?.pauses.forEach(waiting => waiting.abort());
	const stop = async (service: Service) => {
		const state = stateOf.get(service);
		if (!state) return;
		state.stopped = true;
		wake(state);
		await state.done;
	};
	return {
		created(this: Service) {
			Object.assign(this, { wake: () => wake(stateOf.get(this)) });
		},
		async started(this: Service) {
			const state: State = { stopped: false, pauses: new Set(), done: Promise.resolve() };
			stateOf.set(this, state);
			registerBackgroundWork(this.broker, () => stop(this));
			const isStopped = () => state.stopped;
			const repeat = async (loop: Loop<S>) => {
				while (!isStopped()) {
					const waiting = new AbortController();
					state.pauses.add(waiting); // a wake during the run counts as well
					const pauseMs = await loop.run.call(this as S).catch((err: unknown) => {
						logError(this.logger, "LOOP_FAILED", { err, loop: loop.name });
						return AFTER_FAILURE_MS;
					});
					if (!isStopped())
						await pause(pauseMs, undefined, { signal: waiting.signal, ref: false }).catch(
							() => undefined
						);
					state.pauses.delete(waiting);
				}
			};
			state.done = Promise.all(loops.map(repeat));
		},
		stopped(this: Service) {
			return stop(this);
		}
	};
}
