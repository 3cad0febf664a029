import { configKeys } from "../../schemas/config-keys";

/** Tests wait for sweeps, so those of their shops come round much sooner than once a second, the shortest pause that can be set. */
const PAUSE_SECONDS = 0.1;

/** Has the shops of this process sweep often, wherever no setting of theirs says otherwise. */
export function sweepOften(): void {
	for (const key of ["orders.sweepEvery", "payments.sweepEvery", "products.sweepEvery"] as const)
		Object.assign(configKeys[key], { initial: PAUSE_SECONDS });
}
