import { configKeys } from "../../schemas/config-keys";

/** Tests wait for sweeps, so their shops sweep more often than once a second, the shortest interval that can be set. */
const PAUSE_SECONDS = 0.1;

/** Makes the shops of this process sweep often, unless their settings say otherwise. */
export function sweepOften(): void {
	for (const key of ["orders.sweepEvery", "payments.sweepEvery", "products.sweepEvery"] as const)
		Object.assign(configKeys[key], { initial: PAUSE_SECONDS });
}
