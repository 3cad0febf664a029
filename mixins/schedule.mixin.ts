import type { Service } from "moleculer";
import type { Mixin } from "../schemas/kit";
import { getConfig, type ConfigKey } from "./config.mixin";
import { backgroundWork } from "../infrastructure/background-work";

/** Work that comes round: `run` again `everySeconds` (a config key, so that it can be changed while running) after it ended. */
export type Schedule<S> = {
	readonly name: string;
	readonly every: ConfigKey<number>;
	run(this: S): Promise<void>;
};

/** A pause is waited for in pieces, so that one that was made shorter meanwhile ends in time; a clock that is set changes none. */
const LOOK_AGAIN_MS = 1_000;

/**
 * Runs sweeps for as long as the service is up, each never beside itself in this process. Other replicas may run it too:
 * a sweep acts by guarded writes, so the second one finds nothing to do. A failed run is logged and comes round again.
 */
export function scheduleMixin<S>(...schedules: readonly Schedule<S>[]): Mixin {
	const timers = new WeakMap<Service, Set<NodeJS.Timeout>>();
	const running = new WeakMap<Service, Set<Promise<void>>>();
	const stop = async (service: Service) => {
		timers.get(service)?.forEach(timer => clearTimeout(timer));
		timers.delete(service);
		await Promise.all([...(running.get(service) ?? [])]);
	};
	return {
		async started(this: Service) {
			backgroundWork(this.broker).add(() => stop(this));
			const mine = new Set<NodeJS.Timeout>();
			const works = new Set<Promise<void>>();
			timers.set(this, mine);
			running.set(this, works);
			const plan = (schedule: Schedule<S>, seconds: () => number, since = performance.now()) => {
				const left = since + seconds() * 1000 - performance.now();
				const timer = setTimeout(
					() => {
						mine.delete(timer);
						if (left > LOOK_AGAIN_MS) return plan(schedule, seconds, since);
						run(schedule);
					},
					Math.max(0, Math.min(left, LOOK_AGAIN_MS))
				).unref();
				mine.add(timer);
			};
			const run = (schedule: Schedule<S>) => {
				const work: Promise<void> = schedule.run
					.call(this as S)
					.catch((err: unknown) =>
						this.logger.error({ err, schedule: schedule.name }, "A sweep failed")
					)
					.finally(() => {
						works.delete(work);
						if (timers.get(this) === mine)
							plan(schedule, () => getConfig(this.broker).get(schedule.every));
					});
				works.add(work);
			};
			for (const schedule of schedules)
				plan(schedule, () => Math.min(1, getConfig(this.broker).get(schedule.every)));
		},
		stopped(this: Service) {
			return stop(this);
		}
	};
}
