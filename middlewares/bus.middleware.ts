import type { Context, Middleware, ServiceBroker } from "moleculer";

/**
 * Makes this node's services known on the bus before anything here calls them. Moleculer would subscribe for them on a timer a
 * moment after the start, and calls sent in that moment would be lost.
 *
 * Retries of calls over the bus are the caller's alone. Moleculer takes a request that a node has sent to itself for a local
 * call and would retry it at the callee too: over the bus again, where it is retried again, a storm that outlives its cause.
 * And the caller would not retry a call that its own node could have handled.
 */
export const busMiddleware = (): Middleware => ({
	name: "Bus",
	created(broker: ServiceBroker) {
		if (!broker.options.disableBalancer) return;
		const { list, registeredHooks } = broker.middlewares;
		const retry = list.find(({ name }) => name === "Retry");
		const hooks: Readonly<Record<string, unknown>> = registeredHooks; // lists of hooks, unlike their declared type
		const calleeHooks = Array.isArray(hooks["localAction"]) ? hooks["localAction"] : [];
		if (!retry?.localAction || !calleeHooks.includes(retry.localAction))
			throw new Error("Moleculer's retry middleware is not where it was");
		calleeHooks.splice(calleeHooks.indexOf(retry.localAction), 1);
	},
	remoteAction: (next: (ctx: Context) => Promise<unknown>) => (ctx: Context) => {
		// Moleculer leaves the retry of a request for a local endpoint to the callee, so the endpoint is declared remote.
		if (ctx.endpoint?.local)
			ctx.endpoint = Object.create(ctx.endpoint, { local: { value: false } }) as typeof ctx.endpoint;
		return next(ctx);
	},
	async started(broker: ServiceBroker) {
		await broker.registry.discoverer.sendLocalNodeInfo();
	}
});
