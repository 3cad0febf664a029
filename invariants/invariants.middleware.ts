import type { Middleware, ServiceBroker } from "moleculer";
import { backends } from "../infrastructure/backends";
import { findLocalGateway } from "../infrastructure/gateway-url";
import { checkInChildProcess } from "./check-in-child-process";
import { InvariantsWatch } from "./watch";
import { registerBackgroundWork } from "../infrastructure/background-work";
import { registerGauges } from "../infrastructure/prometheus";

const GAUGES = {
	mall_invariant_violations: "Violations of the invariant that two checks in a row found, 1000 at most",
	mall_invariant_check_ended_timestamp_seconds: "When the last check of the invariants ended",
	mall_invariant_check_duration_seconds: "How long the last check of the invariants took",
	mall_stock_held_out_skus: "SKUs that nobody can buy only because unpaid orders hold their last units"
};
const UNITS = {
	mall_stock_units: "Units of all SKUs, by where they are: available, reserved for unpaid orders, sold"
};

/** Shows the invariants of the shop as metrics of the processes that have a gateway; 0 seconds: never checks them. */
export function invariantsMiddleware(everySeconds: number): Middleware {
	let watch: InvariantsWatch | undefined;
	const stop = async () => watch?.stop();
	return {
		name: "Invariants",
		async started(broker: ServiceBroker) {
			if (everySeconds === 0 || !findLocalGateway(broker)) return;
			const set = registerGauges(broker, GAUGES, ["invariant"]);
			const setUnits = registerGauges(broker, UNITS, ["state"]);
			watch = new InvariantsWatch({
				everyMs: everySeconds * 1000,
				collection: backends.collection,
				check: checkInChildProcess,
				show({ endedAt, ms, standing: confirmed, stock }) {
					for (const [invariant, { length }] of Object.entries(confirmed))
						set("mall_invariant_violations", length, { invariant });
					set("mall_invariant_check_ended_timestamp_seconds", endedAt.getTime() / 1000);
					set("mall_invariant_check_duration_seconds", ms / 1000);
					if (!stock) return;
					const { heldOut, ...units } = stock;
					set("mall_stock_held_out_skus", heldOut);
					for (const [state, n] of Object.entries(units))
						setUnits("mall_stock_units", n, { state });
				},
				logger: broker.getLogger("invariants")
			});
			registerBackgroundWork(broker, stop);
		},
		stopping: stop
	};
}
