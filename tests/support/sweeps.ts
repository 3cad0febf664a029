import { configKeys } from "../../schemas/config-keys";

/** Tests wait for sweeps, so their shops sweep more often than once a second, the shortest interval that can be set. */
const PAUSE_SECONDS = 0.1;

/** Makes the shops of this process sweep often, unless their settings say otherwise. */
export function sweepOften(): void {
	const sweeps = [
		"orders.sweepEvery",
		"payments.sweepEvery",
		"products.sweepEvery",
		"inventory.sweepEvery",
		"promotions.sweepEvery",
		"shipping.sweepEvery",
		"afterSales.sweepEvery"
	] as const;
	for (const key of sweeps) Object.assign(configKeys[key], { initial: PAUSE_SECONDS });
}
