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
import { Refusal } from "../../../schemas/errors";

export type MongoOptions = {
	/** `mongodb://…` or `mongodb+srv://…`, with user, password, TLS and replica set as MongoDB's connection strings have them. */
	readonly url: string;
	/** The database of this shop. */
	readonly name: string;
	readonly poolSize?: number;
	/** The client tells of its commands (`commandStarted` …). */
	readonly monitored?: boolean;
};

/** The documents' server, as the program knows it. */
export type MongoDatabase = {
	readonly db: Db;
	/** Connects; rejects within seconds, with a line that a person can act on. */
	open(): Promise<void>;
	/** Rejects when the server does not answer just now. */
	ping(): Promise<void>;
	/** Deletes all of the database, for tests. */
	drop(): Promise<void>;
	close(): Promise<void>;
};

/** What one document's read or write may take on the server; longer means that something is wrong there. */
export const ONE_DOCUMENT_MS = 5_000;
/** What a change or removal of many may take. */
export const MANY_DOCUMENTS_MS = 15_000;

/**
 * Said here and not left to the server's or the URL's defaults, for the shop's guarantees rest on it: a write is answered
 * when a majority has it on disk, and a read sees nothing that could be rolled back.
 */
const GUARANTEES: DbOptions = {
	writeConcern: { w: "majority", journal: true, wtimeoutMS: ONE_DOCUMENT_MS },
	readConcern: new ReadConcern("majority"),
	readPreference: "primary"
};

/** Each wait has an end; a write that ran into one may have happened or not, and its guard makes trying again safe. */
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
	monitored = false
}: MongoOptions): MongoDatabase {
	const client = new MongoClient(url, { ...optionsFor(poolSize), monitorCommands: monitored });
	const db = client.db(name, GUARANTEES);
	const ping = async () => {
		await db.command({ ping: 1 }, { timeoutMS: 2_000 });
	};
	return {
		db,
		async open() {
			try {
				await client.connect();
				await db.command({ ping: 1 });
			} catch (err) {
				await client.close();
				const hosts = client.options.srvHost ?? client.options.hosts.join(", ");
				const cause = err instanceof Error ? err.message : String(err);
				throw new Error(`MONGO_URL: MongoDB can't be used at ${hosts}: ${cause}`, { cause: err });
			}
		},
		ping,
		drop: async () => {
			await db.dropDatabase();
		},
		close: () => client.close()
	};
}

/**
 * Runs an operation; that the server can't be reached, is too slow or is just giving its place to another is the shop's
 * trouble for a while and no defect. What a write did is not known then.
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

const isOutage = (err: unknown) =>
	// A connection that is reset in the moment of writing: the driver lets the socket's own error through.
	(err instanceof Error && "syscall" in err) ||
	err instanceof MongoNetworkError ||
	err instanceof MongoServerSelectionError ||
	(err instanceof MongoError &&
		(err.name === "MongoWaitQueueTimeoutError" ||
			err.code === MAX_TIME_EXPIRED ||
			err.hasErrorLabel(MongoErrorLabel.RetryableWriteError)));
