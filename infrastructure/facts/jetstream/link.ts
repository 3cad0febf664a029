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

export type NatsClients = {
	readonly connection: NatsConnection;
	readonly stream: JetStreamClient;
	readonly manager: JetStreamManager;
};

export const REQUEST_TIMEOUT_MS = 3_000;

/** The facts transport's own connection to NATS, made at its first use. */
export class NatsLink {
	private connecting: Promise<NatsClients> | undefined;
	private readonly events = new EventEmitter().setMaxListeners(0);
	/** Whether the server is connected at this moment. */
	isConnected = false;
	/** How often the server has disconnected. */
	disconnects = 0;

	constructor(
		private readonly options: ConnectionOptions,
		private readonly logger: Logger
	) {}

	/** The beginning of the subjects at which this connection gets its answers; undefined: the client's default. */
	get inboxPrefix(): string | undefined {
		return this.options.inboxPrefix;
	}

	/** Whether `connect` has been called. */
	get isUsed(): boolean {
		return this.connecting !== undefined;
	}

	/** Waits for a server that has not been there yet. Resolves at once, too, while the server is disconnected. */
	connect(): Promise<NatsClients> {
		if (!this.connecting) {
			const connecting = this.openConnection();
			this.connecting = connecting;
			connecting.catch(() => (this.connecting = undefined));
		}
		return this.connecting;
	}

	/** Calls the listener whenever the server disconnects or connects again; the returned function removes it. */
	on(event: "disconnected" | "connected", listener: () => void): () => void {
		this.events.on(event, listener);
		return () => void this.events.off(event, listener);
	}

	async waitUntilConnected(): Promise<void> {
		if (!this.isConnected) await once(this.events, "connected");
	}

	/** Sends what is buffered if the server is connected, and closes. */
	async close(): Promise<void> {
		this.events.removeAllListeners();
		if (this.isConnected) await (await this.connect()).connection.flush().catch(() => undefined);
		const closed = this.connecting?.then(({ connection }) => connection.close());
		closed?.catch(() => undefined);
		if (this.isConnected) await closed; // otherwise the connection closes when it is made
	}

	private async openConnection(): Promise<NatsClients> {
		const connection = await connect(this.options);
		this.isConnected = true;
		void this.watchStatus(connection);
		return {
			connection,
			stream: connection.jetstream({ timeout: REQUEST_TIMEOUT_MS }),
			manager: await connection.jetstreamManager({ checkAPI: false, timeout: REQUEST_TIMEOUT_MS })
		};
	}

	private async watchStatus(connection: NatsConnection): Promise<void> {
		for await (const { type } of connection.status()) {
			if (type !== Events.Disconnect && type !== Events.Reconnect) continue;
			this.isConnected = type === Events.Reconnect;
			if (this.isConnected) this.logger.info({}, "NATS is back");
			else this.logger.warn({}, "NATS is away: facts wait in their outboxes");
			if (!this.isConnected) this.disconnects++;
			this.events.emit(this.isConnected ? "connected" : "disconnected");
		}
	}
}
