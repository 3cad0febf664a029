import {
	MongoClient,
	MongoError,
	MongoErrorLabel,
	MongoNetworkError,
	MongoServerSelectionError,
	ReadConcern,
	type Db,
	type DbOptions,
	type MongoClientOptions
} from "mongodb";
import { Refusal } from "../../../schemas/errors/errors";
import { reconnectWhenHanging, type Warn } from "./heartbeat-watch";

export type MongoOptions = {
	/** Connection string, `mongodb://…` or `mongodb+srv://…`, with user, password, TLS and replica set. */
	readonly url: string;
	/** Name of this shop's database. */
	readonly name: string;
	readonly poolSize?: number;
	/** Whether the client emits events of its commands (`commandStarted` …), for tests. */
	readonly monitored?: boolean;
	/** Called with what an operator should know of the connection, and its details. */
	readonly warn?: Warn;
};

/** The shop's database on the server. */
export type MongoDatabase = {
	readonly db: Db;
	/** Hosts and ports of the servers, without user and password. */
	readonly hosts: string;
	/** Connects. Rejects within seconds with a message that names the host and the cause. */
	open(): Promise<void>;
	/** Rejects when the server does not answer. */
	ping(): Promise<void>;
	/** Deletes the whole database, for `npm run reset` and tests. */
	drop(): Promise<void>;
	close(): Promise<void>;
	/** The connections of this process. */
	readonly pool: ConnectionPool;
};

export type ConnectionPool = {
	/** Calls `observe` with each wait for a connection, in seconds. */
	onCheckOut(observe: (seconds: number) => void): void;
	count(): { readonly open: number; readonly used: number };
};

/** Time limit on the server for a read, or for a write of one document. */
export const ONE_DOCUMENT_MS = 5_000;
/** Time limit on the server for a change or removal of many documents. */
export const MANY_DOCUMENTS_MS = 15_000;

/**
 * Durability that the shop's guarantees rest on, set here so that neither the URL nor the server can weaken it: a write is
 * acknowledged when a majority has it on disk, and a read sees nothing that could be rolled back.
 */
const GUARANTEES: DbOptions = {
	writeConcern: { w: "majority", journal: true, wtimeoutMS: ONE_DOCUMENT_MS },
	readConcern: new ReadConcern("majority"),
	readPreference: "primary"
};

/** Options that bound every wait. A write that timed out may have happened; its guard makes another try safe. */
const optionsFor = (poolSize: number): MongoClientOptions => ({
	appName: "zjmall",
	retryWrites: true,
	retryReads: true,
	maxPoolSize: poolSize,
	waitQueueTimeoutMS: 10_000,
	serverSelectionTimeoutMS: 5_000,
	connectTimeoutMS: 5_000,
	heartbeatFrequencyMS: 5_000,
	socketTimeoutMS: 20_000
});

export function createMongoDatabase({
	url,
	name,
	poolSize = 50,
	monitored = false,
	warn = () => undefined
}: MongoOptions): MongoDatabase {
	const client = new MongoClient(url, { ...optionsFor(poolSize), monitorCommands: monitored });
	const db = client.db(name, GUARANTEES);
	const stopWatch = reconnectWhenHanging(client, warn);
	const hosts = client.options.srvHost ?? client.options.hosts.join(", ");
	const close = () => {
		stopWatch();
		return client.close();
	};
	const ping = async () => {
		await db.command({ ping: 1 }, { timeoutMS: 2_000 });
	};
	return {
		db,
		hosts,
		async open() {
			try {
				await client.connect();
				await db.command({ ping: 1 });
			} catch (err) {
				await close();
				const cause = err instanceof Error ? err.message : String(err);
				throw new Error(`MONGO_URL: MongoDB can't be used at ${hosts}: ${cause}`, { cause: err });
			}
		},
		ping,
		drop: async () => {
			await db.dropDatabase();
		},
		close,
		pool: watchPool(client)
	};
}

/** Follows the events of the client's pool, which the driver emits anyway. */
function watchPool(client: MongoClient): ConnectionPool {
	let open = 0;
	let used = 0;
	client.on("connectionCreated", () => open++);
	client.on("connectionClosed", () => open--);
	client.on("connectionCheckedOut", () => used++);
	client.on("connectionCheckedIn", () => used--);
	return {
		onCheckOut: observe =>
			void client.on("connectionCheckedOut", ({ durationMS }) => observe(durationMS / 1000)),
		count: () => ({ open, used })
	};
}

/**
 * Runs an operation and turns an outage (server unreachable, too slow, or electing a new primary) into a refusal with
 * SERVICE_UNAVAILABLE. Whether a write happened is unknown then.
 */
export async function refuseOutages<V>(work: () => Promise<V>): Promise<V> {
	try {
		return await work();
	} catch (err) {
		if (!isOutage(err)) throw err;
		const refusal = new Refusal("SERVICE_UNAVAILABLE", "The store of documents does not answer");
		refusal.cause = err;
		throw refusal;
	}
}

const MAX_TIME_EXPIRED = 50;
/** Names, since the driver does not export every class. `Closed` and `NotConnected`: the client is being connected anew. */
const OUTAGES: ReadonlySet<string> = new Set([
	"MongoClientClosedError",
	"MongoNotConnectedError",
	"MongoPoolClosedError",
	"MongoServerClosedError",
	"MongoTopologyClosedError",
	"MongoWaitQueueTimeoutError"
]);

const isOutage = (err: unknown) =>
	// The driver passes on the socket's own error where a connection is reset while it is written to.
	(err instanceof Error && "syscall" in err) ||
	err instanceof MongoNetworkError ||
	err instanceof MongoServerSelectionError ||
	(err instanceof MongoError &&
		(OUTAGES.has(err.name) ||
			err.code === MAX_TIME_EXPIRED ||
			err.hasErrorLabel(MongoErrorLabel.RetryableWriteError)));
