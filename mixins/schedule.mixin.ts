import type { Service, ServiceBroker } from "moleculer";
import { registerBackgroundWork } from "../infrastructure/background-work";
import { getConfig } from "../infrastructure/config";
import { openCounter, openGauge, registerCollector } from "../infrastructure/prometheus";
import type { ConfigKey } from "../schemas/config-keys";
import type { Mixin } from "../schemas/kit/service";
import { logError } from "../infrastructure/log-codes";
import { SWEEP_OVERDUE, SWEEPS } from "./mixins.metrics";

/** A sweep: `run` is called again `every` seconds (a config key, so that it can change at run time) after it has ended. */
export type Schedule<S> = {
	readonly name: string;
	readonly every: ConfigKey<number>;
	run(this: S): Promise<void>;
};

/** Pauses are waited for in steps of this length, so that a shortened pause takes effect soon. They use the monotonic clock. */
const SLICE_MS = 1_000;

/**
 * Runs sweeps while the service is up, no sweep twice at a time in this process. Other replicas may run the same one: sweeps
 * act by guarded writes, so the second run finds nothing to do. A failed run is logged, and the next one comes as planned.
 */
export function scheduleMixin<S>(...schedules: readonly Schedule<S>[]): Mixin {
	const timersOf = new WeakMap<Service, Set<NodeJS.Timeout>>();
	const runsOf = new WeakMap<Service, Set<Promise<void>>>();
	const stop = async (service: Service) => {
		timersOf.get(service)?.forEach(timer => clearTimeout(timer));
		timersOf.delete(service);
		await Promise.all([...(runsOf.get(service) ?? [])]);
	};
	return {
		async started(this: Service) {
			registerBackgroundWork(this.broker, () => stop(this));
			const timers = new Set<NodeJS.Timeout>();
			const runs = new Set<Promise<void>>();
			timersOf.set(this, timers);
			runsOf.set(this, runs);
			const plan = (schedule: Schedule<S>, seconds: () => number, since = performance.now()) => {
				const leftMs = since + seconds() * 1000 - performance.now();
				const timer = setTimeout(
					() => {
						timers.delete(timer);
						if (leftMs > SLICE_MS) return plan(schedule, seconds, since);
						run(schedule);
					},
					Math.max(0, Math.min(leftMs, SLICE_MS))
				).unref();
				timers.add(timer);
			};
			const noted = new Map(schedules.map(schedule => [schedule, measureRuns(this, schedule)]));
			const run = (schedule: Schedule<S>) => {
				const running: Promise<void> = schedule.run
					.call(this as S)
					.then(
						() => noted.get(schedule)?.("done"),
						(err: unknown) => {
							noted.get(schedule)?.("failed");
							logError(this.logger, "SWEEP_FAILED", { err, schedule: schedule.name });
						}
					)
					.finally(() => {
						runs.delete(running);
						if (timersOf.get(this) === timers)
							plan(schedule, () => getConfig(this.broker).get(schedule.every));
					});
				runs.add(running);
			};
			for (const schedule of schedules)
				plan(schedule, () => Math.min(1, getConfig(this.broker).get(schedule.every)));
		},
		stopped(this: Service) {
			return stop(this);
		}
	};
}

/** Shows how the runs of a sweep end and for how long the next success is due; the returned function notes the end of a run. */
function measureRuns(
	{ broker, name }: { readonly broker: ServiceBroker; readonly name: string },
	{ name: sweep, every }: Pick<Schedule<unknown>, "name" | "every">
): (outcome: "done" | "failed") => void {
	const labels = { service: name, sweep };
	const count = openCounter(broker, SWEEPS);
	const showOverdue = openGauge(broker, SWEEP_OVERDUE);
	let succeededAt = performance.now();
	for (const outcome of ["done", "failed"] as const) count({ ...labels, outcome }, 0);
	registerCollector(broker, () => {
		const sinceMs = performance.now() - succeededAt;
		showOverdue(Math.max(0, sinceMs / 1000 - getConfig(broker).get(every)), labels);
	});
	return outcome => {
		count({ ...labels, outcome });
		if (outcome === "done") succeededAt = performance.now();
	};
}
