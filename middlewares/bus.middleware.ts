import { setTimeout as pause } from "node:timers/promises";
import { ServiceBroker, type CallingOptions, type Context, type Middleware } from "moleculer";
import { ATTEMPT_HEADER } from "../schemas/values/retries";

/**
 * Makes this node's services known on the bus before anything here calls them. Moleculer would subscribe for them on a timer a
 * moment after the start, and calls sent in that moment would be lost.
 *
 * Retries of calls over the bus are the caller's alone. Moleculer takes a request that a node has sent to itself for a local
 * call and would retry it at the callee too: over the bus again, where it is retried again, a storm that outlives its cause.
 * And the caller would not retry a call that its own node could have handled.
 *
 * A service of this process is called directly, without the bus: that halves what an order costs. Only a retry goes over the
 * bus, where another node may handle it.
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
		preferLocalServices(broker);
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

type Call = ServiceBroker["call"];
type Pending = Promise<unknown> & { ctx?: Context };

/** Replaces `broker.call`: the first attempt of a call goes to a service of this process, if there is one. */
function preferLocalServices(broker: ServiceBroker): void {
	const callOverBus = broker.call.bind(broker) as (...args: Parameters<Call>) => Pending;
	const callLocally = ServiceBroker.prototype.call.bind(broker) as typeof callOverBus;
	const call = (name: string, params: object, options: CallingOptions = {}): Pending => {
		const isFirst = !options.ctx && (options.headers?.[ATTEMPT_HEADER] ?? 1) === 1;
		if (!isFirst || options.nodeID !== undefined || !isLocal(broker, name))
			return callOverBus(name, params, options);
		const first = callLocally(name, params, options);
		const outcome: Pending = first.catch(async (err: unknown) => {
			const { enabled = false, retries = 0, delay = 0, check } = retryPolicyOf(broker, first.ctx);
			const left = options.retries ?? retries;
			if (!enabled || left < 1 || !(err instanceof Error) || !check?.(err)) throw err;
			await pause(delay);
			const headers = { ...options.headers, [ATTEMPT_HEADER]: 2 };
			const second = callOverBus(name, params, { ...options, headers, retries: left - 1 });
			const answer = await second;
			Object.assign(first.ctx?.meta ?? {}, second.ctx?.meta);
			return answer;
		});
		if (first.ctx) outcome.ctx = first.ctx; // by it Moleculer merges the callee's meta into the caller's
		return outcome;
	};
	broker.call = call as unknown as Call;
}

function isLocal({ registry }: ServiceBroker, name: unknown): boolean {
	if (typeof name !== "string") return false;
	// Undefined for an unknown action, unlike its declared type.
	const endpoints = registry.getActionEndpoints(name) as { hasLocal(): boolean } | undefined;
	return endpoints?.hasLocal() ?? false;
}

const retryPolicyOf = ({ options }: ServiceBroker, ctx: Context | undefined) => ({
	...options.retryPolicy,
	...(ctx?.action as { retryPolicy?: ServiceBroker["options"]["retryPolicy"] } | undefined)?.retryPolicy
});
