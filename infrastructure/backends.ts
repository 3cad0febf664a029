import type Redis from "ioredis";
import { FolderInUseError } from "./data-folder-lock";
import { dataUse, type Purpose } from "./data-use";
import {
	assertDiskSpace,
	closeDatabase,
	deleteDatabase,
	flushDatabase,
	hasDatabase,
	measureDatabase,
	openDatabase
} from "./sqlite-file";
import { groupCommitOf, timeCommits } from "./group-commit";
import type * as MongoCollectionModule from "./documents/mongo/collection";
import type * as MongoDatabaseModule from "./documents/mongo/database";
import { openSqliteCollection } from "./documents/sqlite/collection";
import type * as JetstreamModule from "./facts/jetstream/facts";
import { createSqliteFacts } from "./facts/sqlite/facts";
import type * as RedisKeyValueModule from "./key-value/redis";
import { createSqliteKeyValueStore } from "./key-value/sqlite";
import type * as NatsModule from "./nats";
import type * as RedisModule from "./redis";
import type { AnyDoc, Collection, Doc } from "./documents/collection";
import type { FactsTransport, Publisher } from "./facts/transport";
import type { KeyValueStore } from "./key-value/key-value";
import type { Logger } from "./log";
import { logError } from "./log-codes";
import { tracing } from "./opentelemetry/tracing";
import type * as S3StorageModule from "./pictures/s3-storage";
import type * as SearchEngineModule from "./search-engine";
import { describeCause, waitForServer, type NeededServer } from "./wait-for-server";
import { settings } from "../settings";

const HOUR_MS = 3_600_000;
/** The modules of servers, loaded at their first use: an embedded shop starts sooner and needs less memory without the drivers. */
const load = <M>(path: string): M => require(path) as M;
const modules = {
	mongoCollection: () => load<typeof MongoCollectionModule>("./documents/mongo/collection"),
	mongoDatabase: () => load<typeof MongoDatabaseModule>("./documents/mongo/database"),
	jetstream: () => load<typeof JetstreamModule>("./facts/jetstream/facts"),
	redisKeyValue: () => load<typeof RedisKeyValueModule>("./key-value/redis"),
	nats: () => load<typeof NatsModule>("./nats"),
	redis: () => load<typeof RedisModule>("./redis"),
	s3Storage: () => load<typeof S3StorageModule>("./pictures/s3-storage"),
	searchEngine: () => load<typeof SearchEngineModule>("./search-engine")
};

const quiet: Logger = { info() {}, warn() {}, error() {}, debug() {} };

/** The connections made so far: each is made when it is first needed, and removed by `close`. */
type Opened = {
	mongo?: ReturnType<typeof MongoDatabaseModule.createMongoDatabase>;
	redis?: Redis;
	shortTimeoutRedis?: Redis;
	jetstream?: JetstreamModule.JetstreamFacts;
	facts?: FactsTransport;
	keyValue?: KeyValueStore;
	searchEngine?: SearchEngineModule.SearchEngineClient;
};
let opened: Opened = {};
let log: Logger = quiet;
/** Whether the servers have been waited for. */
let found = false;
/** Whether the loss of the data has been logged. */
let loggedLoss = false;

const database = () => openDatabase(settings.dataDir, settings.sqliteSync);
const mongo = () =>
	settings.mongo &&
	(opened.mongo ??= modules.mongoDatabase().createMongoDatabase({
		...settings.mongo,
		name: settings.namespace,
		warn: (text, details) => log.warn(details, text)
	}));
const redis = () =>
	settings.redis &&
	(opened.redis ??= modules.redis().createRedisConnection({
		...settings.redis,
		onError: err => log.warn({ err: err.message }, "Redis does not answer")
	}));
const shortTimeoutRedis = () =>
	settings.redis &&
	(opened.shortTimeoutRedis ??= modules.redis().createRedisConnection({
		...settings.redis,
		commandMs: 100,
		onError: () => undefined
	}));
const jetstream = () =>
	settings.nats &&
	(opened.jetstream ??= modules.jetstream().createJetstreamFacts({
		connection: modules.nats().toNatsOptions(settings.nats),
		prefix: settings.namespace,
		replicas: settings.nats.replicas,
		maxAgeMs: settings.nats.maxAgeHours * HOUR_MS,
		maxBytes: settings.nats.maxBytes,
		ackWaitMs: settings.factLeaseMs,
		keepsFacts: false,
		collection: backends.collection,
		logger: log
	}));
const searchEngine = () =>
	settings.searchEngine &&
	(opened.searchEngine ??= new (modules.searchEngine().SearchEngineClient)(
		settings.searchEngine,
		modules.searchEngine().toIndexPrefix(settings.namespace)
	));
/** Forgets a database that could not be opened, so that the next attempt begins with a new client. */
async function openMongo(): Promise<void> {
	await mongo()
		?.open()
		.catch((err: unknown) => {
			delete opened.mongo;
			throw err;
		});
}
/** The servers that the settings name, in the order in which a start waits for them. */
function listNeededServers(): NeededServer[] {
	const { nats, mongo: documents, redis: keyValue } = settings;
	const natsOptions = nats && modules.nats().toNatsOptions(nats);
	const engine = searchEngine();
	return [
		...(natsOptions
			? [
					{
						name: "NATS" as const,
						variable: "NATS_URL" as const,
						hosts: String(natsOptions.servers),
						connect: () => modules.nats().probeNats(natsOptions)
					}
				]
			: []),
		...(documents
			? [
					{
						name: "MongoDB" as const,
						variable: "MONGO_URL" as const,
						hosts: mongo()?.hosts ?? "",
						connect: openMongo
					}
				]
			: []),
		...(keyValue
			? [
					{
						name: "Redis" as const,
						variable: "REDIS_URL" as const,
						hosts: new URL(keyValue.url).host,
						connect: () => modules.redis().probeRedis(keyValue.url)
					}
				]
			: []),
		...(engine
			? [
					{
						name: "OpenSearch" as const,
						variable: "SEARCH_URL" as const,
						hosts: engine.hosts,
						connect: () => engine.probe()
					}
				]
			: [])
	];
}
const usesFile = !(settings.nats && settings.mongo && settings.redis);
const FOLDER = `数据目录 data folder ${settings.dataDir}`;

/**
 * The servers behind the shop. The choice is made here and nowhere else: documents in MongoDB (MONGO_URL), facts on JetStream
 * (NATS_URL), key-value state in Redis (REDIS_URL); each without its variable in the SQLite file of the data folder.
 */
export const backends = {
	mode: settings.nats || settings.mongo || settings.redis ? "distributed" : "embedded",

	/** Rejects when the data folder is used and its disk is full. */
	async assertDiskSpace(): Promise<void> {
		if (usesFile) await naming(FOLDER, async () => assertDiskSpace(settings.dataDir));
	},

	/**
	 * Locks the data folder until `close`, where it is used, for what this process does; `open` does the same in MongoDB. A
	 * second call changes nothing.
	 */
	lock(purpose: Purpose): void {
		try {
			dataUse.begin(purpose, usesFile ? settings.dataDir : null);
		} catch (err) {
			throw err instanceof FolderInUseError ? err : nameBackend(FOLDER, err);
		}
	},

	/** Throws where the shop runs, before a command that deletes its data. A folder without a shop is not created. */
	async refuseRunningShop(): Promise<void> {
		dataUse.begin("exclusive", usesFile && hasDatabase(settings.dataDir) ? settings.dataDir : null);
		await mongo()?.open();
		await enterMongo();
	},

	/** Throws where the data folder is used and holds no shop, for commands that only look: they create nothing. */
	assertShopExists(): void {
		if (usesFile && !hasDatabase(settings.dataDir))
			throw new NoShopError(`${settings.dataDir} 中没有商城 / there is no shop in ${settings.dataDir}`);
	},

	/**
	 * Opens every backend. Waits for servers up to START_TIMEOUT and gives `report` a line before each retry. Rejects, with a
	 * message that a person can act on, when a backend can't be used.
	 */
	async open(logger: Logger = quiet, report = (line: string) => logger.warn(line)): Promise<void> {
		log = logger;
		if (usesFile) await naming(FOLDER, async () => database());
		if (!found)
			for (const server of listNeededServers())
				await waitForServer(server, { timeoutMs: settings.startTimeoutMs, report });
		found = true;
		await mongo()?.open();
		await enterMongo();
		for (const connection of [redis(), shortTimeoutRedis()])
			if (connection?.status === "wait") await connection.connect().catch(() => undefined); // it reconnects by itself
	},

	/** What can be measured of the storage behind this process: the SQLite file, and the connections to MongoDB. Call it after `open`. */
	watchable() {
		return {
			file: usesFile
				? {
						onCommit: (observe: (seconds: number) => void) =>
							groupCommitOf(database()).onCommit(timeCommits(observe)),
						measure: () => measureDatabase(settings.dataDir)
					}
				: null,
			pool: mongo()?.pool ?? null
		};
	},

	/** Asks each server that the settings name once, for the doctor. */
	async probeServers(): Promise<ServerState[]> {
		const states = listNeededServers().map(async ({ name, variable, hosts, connect }) => {
			const error = await connect().then(() => null, describeCause);
			return { name, variable, hosts, error };
		});
		return Promise.all(states);
	},

	/** The names of the backends that don't answer now. */
	async findUnavailable(): Promise<string[]> {
		const pings: Record<string, () => unknown> = {
			documents: () => (settings.mongo ? mongo()?.ping() : database().prepare("SELECT 1").get()),
			"key-value state": () => redis()?.ping(),
			facts: () => {
				if (opened.jetstream?.isConnected === false) throw new Error("not connected");
			}
		};
		const results = await Promise.allSettled(Object.values(pings).map(async ping => ping()));
		const silent = Object.keys(pings).filter((_, i) => results[i]?.status === "rejected");
		return [...silent, ...findLostData()];
	},

	collection<T extends Doc = AnyDoc>(this: void, name: string): Collection<T> {
		const server = mongo();
		const documents: Collection<T> = server
			? modules.mongoCollection().openMongoCollection<T>(server.db, name)
			: openSqliteCollection<T>(database(), name);
		return tracing?.traceCollection(documents, server ? "mongodb" : "sqlite", name) ?? documents;
	},

	facts(logger: Logger): FactsTransport {
		if (log === quiet) log = logger;
		return (opened.facts ??=
			jetstream() ?? createSqliteFacts(database(), { logger, leaseMs: settings.factLeaseMs }));
	},

	/** The facts as stores publish them. Embedded, they are in the file of the documents, and one write stores both. */
	publisher(logger: Logger): Publisher {
		const facts = this.facts(logger);
		return {
			publish: published => facts.publish(published),
			...(!settings.mongo && facts.enqueue && { enqueue: enqueued => facts.enqueue?.(enqueued) })
		};
	},

	/**
	 * Runs a use case whose writes share one commit where the shop is embedded: it resolves, or rejects, after that commit. On
	 * servers each write is acknowledged by itself. The writes are the same in both cases, and each keeps its guard and its
	 * result; a write that is not made does not undo those before it.
	 */
	commitTogether<R>(this: void, work: () => Promise<R>): Promise<R> {
		return backends.mode === "embedded" ? groupCommitOf(database()).together(work) : work();
	},

	/** Commits the writes of the running use case so far. Call it before anything of them leaves the process. */
	flushCommits(this: void): void {
		flushDatabase(settings.dataDir);
	},

	/** The bucket for pictures (S3_URL); null where they are kept in the documents. */
	openPictureBucket(this: void): S3StorageModule.PictureStorage | null {
		return settings.s3 && new (modules.s3Storage().S3Storage)(settings.s3);
	},

	/** The search engine (SEARCH_URL); null where every `search` process has an index in its memory. */
	openSearchEngine: (): SearchEngineModule.SearchEngineClient | null => searchEngine(),

	keyValue(): KeyValueStore {
		if (opened.keyValue) return opened.keyValue;
		const server = redis();
		const store = server
			? modules.redisKeyValue().createRedisKeyValueStore(server, { prefix: settings.namespace })
			: createSqliteKeyValueStore(database());
		opened.keyValue = tracing?.traceKeyValueStore(store, server ? "redis" : "sqlite") ?? store;
		return opened.keyValue;
	},

	/**
	 * The connection with a 100 ms time-out for rate limits and caches; null without REDIS_URL. Both fall back to process
	 * memory, so they must neither block on Redis nor queue behind key-value commands.
	 */
	shortTimeoutRedis: (): Redis | null => shortTimeoutRedis(),

	/** Deletes the data of this shop, and none of other shops on the same servers; resolves with what was deleted. */
	async reset(): Promise<string[]> {
		const { nats, namespace } = settings;
		const [stream, documents, server] = [jetstream(), mongo(), redis()];
		await stream?.deleteStream();
		await documents?.drop();
		if (server) await modules.redis().deleteKeysWithPrefix(server, namespace);
		await searchEngine()?.deleteIndexes();
		const files = usesFile ? deleteDatabase(settings.dataDir) : [];
		await this.close();
		return [
			...(nats ? [`NATS ${namespace}`] : []),
			...(documents ? [`MongoDB ${namespace}`] : []),
			...(server ? [`Redis ${namespace}:*`] : []),
			...(settings.searchEngine ? [`OpenSearch ${namespace}`] : []),
			...files
		];
	},

	/** Closes every connection; call it after the broker has stopped. */
	async close(): Promise<void> {
		const { jetstream: stream, facts = stream, keyValue, mongo: documents } = opened;
		const redisConnections = [opened.redis, opened.shortTimeoutRedis];
		opened = {};
		found = false;
		await dataUse.endInDatabase();
		await facts?.close();
		await keyValue?.close();
		for (const connection of redisConnections) connection?.disconnect();
		await documents?.close();
		closeDatabase(settings.dataDir);
		dataUse.end();
	}
};

/** The state of a server, for the doctor; `error` is null where all is well. */
export type ServerState = Omit<NeededServer, "connect"> & { readonly error: string | null };

/** There is no shop where a command was told to look. */
export class NoShopError extends Error {
	override readonly name = "NoShopError";
}

/** Enters this process among those that use the database in MongoDB, or refuses. */
async function enterMongo(): Promise<void> {
	if (settings.mongo) await dataUse.beginInDatabase(() => backends.collection("running_processes"));
}

/** Names what was taken away of the data, and logs the first loss. */
function findLostData(): string[] {
	const lost = dataUse.findLost();
	if (lost.length > 0 && !loggedLoss) logError(log, "DATA_LOST", { lost });
	loggedLoss ||= lost.length > 0;
	return lost;
}

/** Runs the work, and puts the name of the backend in front of an error's message. */
async function naming(backend: string, open: () => Promise<unknown>): Promise<void> {
	try {
		await open();
	} catch (err) {
		throw nameBackend(backend, err);
	}
}

const nameBackend = (backend: string, err: unknown) =>
	new Error(`${backend}: ${err instanceof Error ? err.message : String(err)}`, { cause: err });
