import type { Middleware, ServiceBroker } from "moleculer";
import { backends } from "../infrastructure/backends";
import { findLocalGateway } from "../infrastructure/gateway-url";
import { checkInChildProcess } from "./check-in-child-process";
import { InvariantsWatch } from "./watch";
import { registerBackgroundWork } from "../infrastructure/background-work";
import { openGauge } from "../infrastructure/prometheus";
import { CHECK_DURATION, CHECK_ENDED, HELD_OUT, STOCK_UNITS, VIOLATIONS } from "./invariants.metrics";

/** Shows the invariants of the shop as metrics of the processes that have a gateway; 0 seconds: never checks them. */
export function invariantsMiddleware(everySeconds: number): Middleware {
	let watch: InvariantsWatch | undefined;
	const stop = async () => watch?.stop();
	return {
		name: "Invariants",
		async started(broker: ServiceBroker) {
			if (everySeconds === 0 || !findLocalGateway(broker)) return;
			const showViolations = openGauge(broker, VIOLATIONS);
			const showEnd = openGauge(broker, CHECK_ENDED);
			const showDuration = openGauge(broker, CHECK_DURATION);
			const showHeldOut = openGauge(broker, HELD_OUT);
			const showUnits = openGauge(broker, STOCK_UNITS);
			watch = new InvariantsWatch({
				everyMs: everySeconds * 1000,
				collection: backends.collection,
				check: checkInChildProcess,
				show({ endedAt, ms, standing: confirmed, stock }) {
					for (const [invariant, { length }] of Object.entries(confirmed))
						showViolations(length, { invariant });
					showEnd(endedAt.getTime() / 1000, {});
					showDuration(ms / 1000, {});
					if (!stock) return;
					showHeldOut(stock.heldOut, {});
					for (const state of STOCK_UNITS.labels.state) showUnits(stock[state], { state });
				},
				logger: broker.getLogger("invariants")
			});
			registerBackgroundWork(broker, stop);
		},
		stopping: stop
	};
}
