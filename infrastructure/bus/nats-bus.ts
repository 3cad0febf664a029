import { Transporters, type ServiceBroker } from "moleculer";
import type { Msg, Subscription } from "nats";
import { logError } from "../log-codes";

const REQUEST = "REQ";
const EVENT = "EVENT";

/**
 * NATS as Moleculer's bus, without losing requests when services start or stop. Moleculer's own transporter removes all
 * queue subscriptions and makes them again at every such change, and drops what has arrived in between; this one only adds
 * the new subscriptions, and drains the removed ones so that they still deliver what they have received.
 */
export class NatsBus extends Transporters.NATS {
	private readonly queueSubscriptions = new Map<string, Subscription>();

	override async makeBalancedSubscriptions(): Promise<void> {
		const wanted = this.queuesOfServices();
		const removed = [...this.queueSubscriptions].filter(([topic]) => !wanted.has(topic));
		for (const [topic, queue] of wanted)
			if (!this.queueSubscriptions.has(topic))
				this.queueSubscriptions.set(topic, this.subscribeTo(topic, queue));
		for (const [topic] of removed) this.queueSubscriptions.delete(topic);
		await Promise.all(removed.map(([, subscription]) => subscription.drain()));
	}

	/** The queue groups that this node's current services belong to, by topic. */
	private queuesOfServices(): Map<string, QueueGroup> {
		const queues = new Map<string, QueueGroup>();
		for (const service of this.broker.getLocalNodeInfo().services) {
			const { name, actions, events } = service as LocalService;
			for (const action of Object.keys(actions ?? {}))
				queues.set(`${this.prefix}.${REQUEST}B.${action}`, { packet: REQUEST, group: action });
			for (const [event, { group = name }] of Object.entries(events ?? {}))
				queues.set(`${this.prefix}.${EVENT}B.${group}.${event}`.replace(/\*\*.*$/s, ">"), {
					packet: EVENT,
					group
				});
		}
		return queues;
	}

	private subscribeTo(topic: string, { packet, group }: QueueGroup): Subscription {
		return (this.client as Client).subscribe(topic, {
			queue: group,
			callback: (err: Error | null, msg: Msg) => {
				if (err) logError(this.logger, "NATS_SUBSCRIPTION_REFUSED", { err, topic });
				else void this.receive(packet, Buffer.from(msg.data));
			}
		});
	}
}

/** `packet` is Moleculer's packet type; NATS delivers each message to one member of the `group`. */
type QueueGroup = { readonly packet: typeof REQUEST | typeof EVENT; readonly group: string };
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

/** Takes this node's services off the bus; resolves when the handler of every request sent to the node has been called. */
export async function leaveBus(broker: ServiceBroker): Promise<void> {
	if (!broker.transit) return;
	broker.registry.regenerateLocalRawInfo(true, true);
	await broker.registry.discoverer.sendLocalNodeInfo();
}
