import type * as ConfigKeysModule from "../../schemas/config.keys";

/** Tests wait for sweeps, so those of their shops come round much sooner than once a second, the shortest pause that a setting allows. */
const PAUSE_SECONDS = 0.1;

/** Has the shops of this process, also the later ones, sweep often, wherever no setting says otherwise. */
export function sweepOften(): void {
	// Required here and not imported above: a test may load its shop's modules afresh.
	const { configKeys } = require("../../schemas/config.keys") as typeof ConfigKeysModule;
	for (const key of ["orders.sweepEvery", "payments.sweepEvery", "products.sweepEvery"] as const)
		Object.assign(configKeys[key], { initial: PAUSE_SECONDS });
}
