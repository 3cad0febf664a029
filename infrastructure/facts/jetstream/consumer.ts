import { setTimeout as pause } from "node:timers/promises";
import { createInbox, nanos, type Msg, type NatsConnection, type Subscription } from "nats";
import { judgeFailure, processEndedError } from "../retry-policy";
import { Delivery } from "./delivery";
import type { ConsumerGroups } from "./groups";
import type { FactStream } from "./stream";
import { ALL_GROUPS, parseFact } from "../journal";
import type { DeadLetters } from "../dead-letters";
import type { Consumer } from "../transport";
import type { Logger } from "../../log";

export type ConsumerOptions = {
	readonly logger: Logger;
	readonly backoffMs: readonly number[];
	readonly ackWaitMs: number;
};

const PULL_EXPIRES_MS = 30_000;
const HEARTBEAT_MS = 2_000;
const MISSED_HEARTBEATS = 3;
const AGAIN_IN_MS = 300;
/** Statuses that come instead of a fact. */
const HEARTBEAT = 100;
const EXPIRED = 408;

/** A request for some facts; it has its own subject, on which they come. */
type Pull = { left: number; readonly replies: Subscription };

/**
 * One consumer in this process. It pulls only as many facts as it has room for: none waits in a buffer of this process
 * while its time runs and another process is idle.
 */
export class PullConsumer {
	private durable: string | undefined;
	private readonly pulls = new Set<Pull>();
	private heardAt = 0;
	private readonly running = new Map<string, Promise<void>>();
	private reviving: Promise<void> | undefined;
	private stopped = false;
	private readonly watch: NodeJS.Timeout;
	private readonly unlisten: () => void;

	private readonly stream: FactStream;

	constructor(
		private readonly groups: ConsumerGroups,
		private readonly letters: DeadLetters,
		private readonly consumer: Consumer,
		private readonly options: ConsumerOptions
	) {
		this.stream = groups.stream;
		this.watch = setInterval(() => this.look(), HEARTBEAT_MS).unref();
		this.unlisten = this.stream.link.on("back", () => void this.revive());
	}

	/** Makes the durable consumer where it is missing, however long that takes, and pulls. */
	start(): Promise<void> {
		return this.revive();
	}

	/** Waits for what is running, and hands back what comes meanwhile. */
	async stop(): Promise<void> {
		this.stopped = true;
		this.unlisten();
		clearInterval(this.watch);
		await this.reviving;
		if (this.stream.link.up) await Promise.all([...this.pulls].map(({ replies }) => replies.drain()));
		await Promise.all(this.running.values());
	}

	private revive(): Promise<void> {
		return (this.reviving ??= this.find().finally(() => (this.reviving = undefined)));
	}

	private async find(): Promise<void> {
		this.durable = undefined;
		for (const pull of this.pulls) this.end(pull);
		while (!this.stopped) {
			try {
				this.durable = await this.groups.make(this.consumer);
				return await this.pull();
			} catch (err) {
				const { group, event } = this.consumer;
				this.options.logger.warn({ group, event, err }, "No facts can be had; trying again");
				await pause(AGAIN_IN_MS);
			}
		}
	}

	/** A pull that gives no sign of life is lost, whatever became of it. */
	private look(): void {
		const silent = performance.now() - this.heardAt > MISSED_HEARTBEATS * HEARTBEAT_MS;
		if (silent && this.pulls.size && this.stream.link.up) void this.revive();
	}

	/** Asks for as many as there is room for, but not for each single one as long as others are on their way. */
	private async pull(): Promise<void> {
		const { connection } = await this.stream.link.nats();
		const room = this.consumer.maxInFlight ?? 10;
		const coming = [...this.pulls].reduce((sum, { left }) => sum + left, 0);
		const batch = room - this.running.size - coming;
		if (this.stopped || !this.durable || batch <= 0 || (coming && batch < room / 2)) return;
		const reply = createInbox();
		const pull: Pull = {
			left: batch,
			replies: connection.subscribe(reply, {
				callback: (err, msg) => !err && this.take(pull, msg, connection)
			})
		};
		this.pulls.add(pull);
		this.heardAt = performance.now();
		const wanted = { batch, expires: nanos(PULL_EXPIRES_MS), idle_heartbeat: nanos(HEARTBEAT_MS) };
		const next = `$JS.API.CONSUMER.MSG.NEXT.${this.stream.name}.${this.durable}`;
		connection.publish(next, JSON.stringify(wanted), { reply });
	}

	private end(pull: Pull): void {
		this.pulls.delete(pull);
		pull.replies.unsubscribe();
	}

	private take(pull: Pull, msg: Msg, connection: NatsConnection): void {
		this.heardAt = performance.now();
		const status = msg.data.length === 0 ? msg.headers?.code : undefined;
		if (status === undefined) {
			if (--pull.left === 0) this.end(pull);
			this.receive(new Delivery(msg, connection));
		} else if (status !== HEARTBEAT) {
			this.end(pull);
			if (status === EXPIRED) void this.pull();
			else void this.revive(); // the consumer is gone, or something else that a look will show
		}
	}

	private receive(delivery: Delivery): void {
		const { to } = this.stream.parse(delivery.subject);
		if (this.running.has(delivery.key)) return; // its time ran out while this process stood still: still at it
		if (this.stopped) return delivery.again(0);
		if (to !== ALL_GROUPS && to !== this.consumer.group) delivery.pass();
		else this.running.set(delivery.key, this.run(delivery));
		void this.pull();
	}

	private async run(delivery: Delivery): Promise<void> {
		const beat = setInterval(() => delivery.working(), this.options.ackWaitMs / 3);
		try {
			await Promise.resolve(); // one that throws at once must not be over before it is noted as running
			await this.handle(delivery);
		} finally {
			clearInterval(beat);
			this.running.delete(delivery.key);
			void this.pull();
		}
	}

	private async handle(delivery: Delivery): Promise<void> {
		const { logger, backoffMs } = this.options;
		const { attempt } = delivery;
		const last = backoffMs.length + 1;
		if (attempt > last) return this.bury(delivery, last, processEndedError(last));
		const fact = parseFact(delivery.text);
		try {
			await this.consumer.handle(fact, attempt);
		} catch (err) {
			const failed = judgeFailure(logger, backoffMs, this.consumer, { fact, attempt }, err);
			if ("wait" in failed) delivery.again(failed.wait);
			else await this.bury(delivery, attempt, failed.error);
			return;
		}
		// Until the server knows, the delivery counts as running: should it come again meanwhile, it is not begun again.
		await delivery
			.done()
			.catch((err: unknown) => logger.debug({ factId: fact.id, err }, "May come again"));
	}

	/** The letter first, then the end of the delivery: until it can be stored, the fact stays here. */
	private async bury(delivery: Delivery, attempts: number, error: string): Promise<void> {
		const { group, event } = this.consumer;
		const letter = { delivery: delivery.key, consumer: group, event, text: delivery.text };
		for (;;) {
			try {
				await this.letters.add({ ...letter, error, attempts });
				return delivery.never();
			} catch (err) {
				this.options.logger.error({ group, event, err }, "A dead letter could not be stored");
				if (this.stopped) return; // whoever gets the fact next tries that again
				await pause(AGAIN_IN_MS);
			}
		}
	}
}
