import type { Service } from "moleculer";
import type { Mixin } from "../schemas/kit/service";

/** The part of a service's metadata that says what it can't work without, and lacks. Every node knows it of every other. */
export type ReadinessMetadata = {
	readonly lacks?: readonly string[];
};

/**
 * Declares what this process lacks to sell, as its settings stand: the gateways' `/health/ready` names it and is 503 until a
 * process without the lack takes its place.
 */
export const readinessMixin = (lacks: readonly string[]): Mixin => ({
	metadata: { lacks } satisfies ReadinessMetadata,
	async started(this: Service) {
		if (lacks.length > 0) this.logger.warn({ lacks }, "This process lacks what it needs to sell");
	}
});
