import { Transporters, type Context, type Middleware, type ServiceBroker } from "moleculer";
import type { Msg, Subscription } from "nats";

const REQUEST = "REQ";
const EVENT = "EVENT";

/**
 * NATS as Moleculer's bus, where this node's share of the requests begins and ends without losing one. Moleculer's own
 * transporter takes all subscriptions away and makes them again whenever a service starts or stops, and drops what has
 * arrived in between; this one makes the new ones only, and lets those that go deliver what they have.
 */
export class NatsBus extends Transporters.NATS {
	private readonly shares = new Map<string, Subscription>();

	override async makeBalancedSubscriptions(): Promise<void> {
		const wanted = this.wanted();
		const gone = [...this.shares].filter(([topic]) => !wanted.has(topic));
		for (const [topic, share] of wanted)
			if (!this.shares.has(topic)) this.shares.set(topic, this.take(topic, share));
		for (const [topic] of gone) this.shares.delete(topic);
		await Promise.all(gone.map(([, subscription]) => subscription.drain()));
	}

	/** The topics that this node takes its share of, by what its services are now. */
	private wanted(): Map<string, Share> {
		const wanted = new Map<string, Share>();
		for (const service of this.broker.getLocalNodeInfo().services) {
			const { name, actions, events } = service as LocalService;
			for (const action of Object.keys(actions ?? {}))
				wanted.set(`${this.prefix}.${REQUEST}B.${action}`, { kind: REQUEST, queue: action });
			for (const [event, { group = name }] of Object.entries(events ?? {}))
				wanted.set(`${this.prefix}.${EVENT}B.${group}.${event}`.replace(/\*\*.*$/, ">"), {
					kind: EVENT,
					queue: group
				});
		}
		return wanted;
	}

	private take(topic: string, { kind, queue }: Share): Subscription {
		return (this.client as Client).subscribe(topic, {
			queue,
			callback: (_err: Error | null, msg: Msg) => void this.receive(kind, Buffer.from(msg.data))
		});
	}
}

type Share = { readonly kind: typeof REQUEST | typeof EVENT; readonly queue: string };
type LocalService = {
	readonly name: string;
	readonly actions?: object;
	readonly events?: Readonly<Record<string, { readonly group?: string }>>;
};
type Client = {
	subscribe(
		topic: string,
		options: { queue: string; callback(err: Error | null, msg: Msg): void }
	): Subscription;
};

/**
 * Brings this node's services onto the bus before anything here calls them. Left to its timer, the subscriptions would be
 * made a moment after the start, and calls sent in that moment would be lost.
 *
 * A call over the bus that failed is tried again by its caller, and by nobody else. Moleculer takes a request that a node has
 * sent to itself for a call of its own, and would repeat it where it is handled: over the bus again, there again, and so on,
 * a storm that outlives its cause. And it would not try again at the caller what this node could have done as well.
 */
export const busMiddleware = (): Middleware => ({
	name: "Bus",
	created(broker: ServiceBroker) {
		if (!broker.options.disableBalancer) return;
		const { list, registeredHooks } = broker.middlewares;
		const retry = list.find(({ name }) => name === "Retry");
		const hooks: Readonly<Record<string, unknown>> = registeredHooks; // each a list, other than its type says
		const atCallee = Array.isArray(hooks["localAction"]) ? hooks["localAction"] : [];
		if (!retry?.localAction || !atCallee.includes(retry.localAction))
			throw new Error("Moleculer's way of trying again is not where it was");
		atCallee.splice(atCallee.indexOf(retry.localAction), 1);
	},
	remoteAction: (next: (ctx: Context) => Promise<unknown>) => (ctx: Context) => {
		if (ctx.endpoint?.local)
			ctx.endpoint = Object.create(ctx.endpoint, { local: { value: false } }) as typeof ctx.endpoint;
		return next(ctx);
	},
	async started(broker: ServiceBroker) {
		await broker.registry.discoverer.sendLocalNodeInfo();
	}
});

/** Takes this node's services off the bus, and waits until it has begun with every request that was sent to it. */
export async function leaveBus(broker: ServiceBroker): Promise<void> {
	if (!broker.transit) return;
	broker.registry.regenerateLocalRawInfo(true, true);
	await broker.registry.discoverer.sendLocalNodeInfo();
}
