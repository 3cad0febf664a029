import { EventEmitter, once } from "node:events";
import {
	connect,
	Events,
	type ConnectionOptions,
	type JetStreamClient,
	type JetStreamManager,
	type NatsConnection
} from "nats";
import type { Logger } from "../../log";

export type Nats = {
	readonly connection: NatsConnection;
	readonly stream: JetStreamClient;
	readonly manager: JetStreamManager;
};

export const REQUEST_TIMEOUT_MS = 3_000;

/** A connection of its own to NATS, made when it is first asked for. */
export class NatsLink {
	private connecting: Promise<Nats> | undefined;
	private readonly events = new EventEmitter().setMaxListeners(0);
	/** Connected at this moment. */
	up = false;
	/** How often the server has gone away. */
	losses = 0;

	constructor(
		private readonly options: ConnectionOptions,
		private readonly logger: Logger
	) {}

	/** Whether anybody has asked for it yet. */
	get wanted(): boolean {
		return this.connecting !== undefined;
	}

	/** Waits for a server that is not there yet; of one that has gone since, `back` tells. */
	nats(): Promise<Nats> {
		if (!this.connecting) {
			const connecting = this.connect();
			this.connecting = connecting;
			connecting.catch(() => (this.connecting = undefined));
		}
		return this.connecting;
	}

	/** Calls back whenever a server that was away is there again; the answer ends it. */
	on(event: "away" | "back", call: () => void): () => void {
		this.events.on(event, call);
		return () => void this.events.off(event, call);
	}

	async back(): Promise<void> {
		if (!this.up) await once(this.events, "back");
	}

	/** Sends what is still to be sent, if there is somebody to take it. */
	async close(): Promise<void> {
		this.events.removeAllListeners();
		if (this.up) await (await this.nats()).connection.flush().catch(() => undefined);
		const closed = this.connecting?.then(({ connection }) => connection.close());
		closed?.catch(() => undefined);
		if (this.up) await closed; // else it closes by itself once it is connected
	}

	private async connect(): Promise<Nats> {
		const connection = await connect(this.options);
		this.up = true;
		void this.watch(connection);
		return {
			connection,
			stream: connection.jetstream({ timeout: REQUEST_TIMEOUT_MS }),
			manager: await connection.jetstreamManager({ checkAPI: false, timeout: REQUEST_TIMEOUT_MS })
		};
	}

	private async watch(connection: NatsConnection): Promise<void> {
		for await (const { type } of connection.status()) {
			if (type !== Events.Disconnect && type !== Events.Reconnect) continue;
			this.up = type === Events.Reconnect;
			if (this.up) this.logger.info({}, "NATS is back");
			else this.logger.warn({}, "NATS is away: facts wait in their outboxes");
			if (!this.up) this.losses++;
			this.events.emit(this.up ? "back" : "away");
		}
	}
}
