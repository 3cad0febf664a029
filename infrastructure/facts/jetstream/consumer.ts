import { setTimeout as pause } from "node:timers/promises";
import { createInbox, nanos, type Msg, type NatsConnection, type Subscription } from "nats";
import type { Logger } from "../../log";
import type { DeadLetters } from "../dead-letters";
import { ALL_GROUPS, parseFact } from "../journal";
import { judgeFailure, processEndedError } from "../retry-policy";
import type { Consumer } from "../transport";
import { Delivery } from "./delivery";
import type { ConsumerGroups } from "./groups";
import type { FactStream } from "./stream";
import { logError } from "../../log-codes";

export type ConsumerOptions = {
	readonly logger: Logger;
	readonly backoffMs: readonly number[];
	/** A delivery that is neither acknowledged nor extended for so long is delivered to another process. */
	readonly ackWaitMs: number;
};

const PULL_EXPIRES_MS = 30_000;
const HEARTBEAT_MS = 2_000;
const MAX_MISSED_HEARTBEATS = 3;
const RETRY_MS = 300;
/** Status codes of messages without a fact. */
const HEARTBEAT = 100;
const PULL_EXPIRED = 408;

/** A request for up to `left` facts, which arrive on its own reply subject. */
type Pull = { left: number; readonly replies: Subscription };

/**
 * A consumer group's member in this process. It pulls only as many facts as it can start to handle: a fact in a local buffer
 * would use up its acknowledgement time while another process may be idle.
 */
export class PullConsumer {
	/** The name of the durable consumer on the server; undefined while it is being looked for. */
	private durable: string | undefined;
	private readonly pulls = new Set<Pull>();
	private lastMessageAt = 0;
	/** The handlers in flight, by the key of their delivery. */
	private readonly running = new Map<string, Promise<void>>();
	private restarting: Promise<void> | undefined;
	private stopped = false;
	private readonly heartbeatTimer: NodeJS.Timeout;
	private readonly unsubscribe: () => void;

	private readonly stream: FactStream;

	constructor(
		private readonly groups: ConsumerGroups,
		private readonly deadLetters: DeadLetters,
		private readonly consumer: Consumer,
		private readonly options: ConsumerOptions
	) {
		this.stream = groups.stream;
		this.heartbeatTimer = setInterval(() => this.checkHeartbeat(), HEARTBEAT_MS).unref();
		this.unsubscribe = this.stream.link.on("connected", () => void this.restart());
	}

	/** Resolves when the durable consumer exists and the first pull is sent, however long that takes. */
	start(): Promise<void> {
		return this.restart();
	}

	/** Awaits the running handlers; facts that arrive meanwhile are handed back to the server. */
	async stop(): Promise<void> {
		this.stopped = true;
		this.unsubscribe();
		clearInterval(this.heartbeatTimer);
		await this.restarting;
		if (this.stream.link.isConnected)
			await Promise.all([...this.pulls].map(({ replies }) => replies.drain()));
		await Promise.all(this.running.values());
	}

	private restart(): Promise<void> {
		return (this.restarting ??= this.connect().finally(() => (this.restarting = undefined)));
	}

	private async connect(): Promise<void> {
		this.durable = undefined;
		for (const pull of this.pulls) this.endPull(pull);
		while (!this.stopped) {
			try {
				this.durable = await this.groups.ensureConsumer(this.consumer);
				return await this.pull();
			} catch (err) {
				const { group, event } = this.consumer;
				this.options.logger.warn({ group, event, err }, "No facts can be had; trying again");
				await pause(RETRY_MS);
			}
		}
	}

	/** A pull without heartbeats is lost, for whatever reason. */
	private checkHeartbeat(): void {
		const silent = performance.now() - this.lastMessageAt > MAX_MISSED_HEARTBEATS * HEARTBEAT_MS;
		if (silent && this.pulls.size && this.stream.link.isConnected) void this.restart();
	}

	/** Requests as many facts as can be handled now. While others are on their way, waits until half of the places are free. */
	private async pull(): Promise<void> {
		const { connection } = await this.stream.link.connect();
		const maxInFlight = this.consumer.maxInFlight ?? 10;
		const requested = [...this.pulls].reduce((sum, { left }) => sum + left, 0);
		const batch = maxInFlight - this.running.size - requested;
		if (this.stopped || !this.durable || batch <= 0 || (requested && batch < maxInFlight / 2)) return;
		const reply = createInbox(this.groups.stream.link.inboxPrefix);
		const pull: Pull = {
			left: batch,
			replies: connection.subscribe(reply, {
				callback: (err, msg) => !err && this.onMessage(pull, msg, connection)
			})
		};
		this.pulls.add(pull);
		this.lastMessageAt = performance.now();
		const request = { batch, expires: nanos(PULL_EXPIRES_MS), idle_heartbeat: nanos(HEARTBEAT_MS) };
		const subject = `$JS.API.CONSUMER.MSG.NEXT.${this.stream.name}.${this.durable}`;
		connection.publish(subject, JSON.stringify(request), { reply });
	}

	private endPull(pull: Pull): void {
		this.pulls.delete(pull);
		pull.replies.unsubscribe();
	}

	private onMessage(pull: Pull, msg: Msg, connection: NatsConnection): void {
		this.lastMessageAt = performance.now();
		const status = msg.data.length === 0 ? msg.headers?.code : undefined;
		if (status === undefined) {
			if (--pull.left === 0) this.endPull(pull);
			this.onDelivery(new Delivery(msg, connection));
		} else if (status !== HEARTBEAT) {
			this.endPull(pull);
			if (status === PULL_EXPIRED) void this.pull();
			else void this.restart(); // the durable consumer is gone, or the pull failed otherwise
		}
	}

	private onDelivery(delivery: Delivery): void {
		const { to } = this.stream.parseSubject(delivery.subject);
		// The same fact came again since this process stood still for longer than `ackWaitMs`: its handler is still running.
		if (this.running.has(delivery.key)) return;
		if (this.stopped) return delivery.retryLater(0);
		if (to !== ALL_GROUPS && to !== this.consumer.group) delivery.skip();
		else this.running.set(delivery.key, this.run(delivery));
		void this.pull();
	}

	private async run(delivery: Delivery): Promise<void> {
		const extending = setInterval(() => delivery.extend(), this.options.ackWaitMs / 3);
		try {
			await Promise.resolve(); // a handler that throws at once must not end before it is entered in `running`
			await this.handle(delivery);
		} finally {
			clearInterval(extending);
			this.running.delete(delivery.key);
			void this.pull();
		}
	}

	private async handle(delivery: Delivery): Promise<void> {
		const { logger, backoffMs } = this.options;
		const { attempt } = delivery;
		const lastAttempt = backoffMs.length + 1;
		if (attempt > lastAttempt) return this.giveUp(delivery, lastAttempt, processEndedError(lastAttempt));
		const fact = parseFact(delivery.text);
		try {
			await this.consumer.handle(fact, attempt);
		} catch (err) {
			const verdict = judgeFailure(logger, backoffMs, this.consumer, { fact, attempt }, err);
			if ("wait" in verdict) delivery.retryLater(verdict.wait);
			else await this.giveUp(delivery, attempt, verdict.error);
			return;
		}
		// Until the server has confirmed, the delivery stays in `running`: if the fact comes again, it is not handled again.
		await delivery
			.ack()
			.catch((err: unknown) => logger.debug({ factId: fact.id, err }, "May come again"));
	}

	/** Stores the dead letter first, and ends the delivery then: the stream keeps the fact until its dead letter is stored. */
	private async giveUp(delivery: Delivery, attempts: number, error: string): Promise<void> {
		const { group, event } = this.consumer;
		const letter = { delivery: delivery.key, consumer: group, event, text: delivery.text };
		for (;;) {
			try {
				await this.deadLetters.add({ ...letter, error, attempts });
				return delivery.terminate();
			} catch (err) {
				logError(this.options.logger, "DEAD_LETTER_NOT_STORED", { group, event, err });
				if (this.stopped) return; // the process that gets the fact next stores the dead letter
				await pause(RETRY_MS);
			}
		}
	}
}
