import type Redis from "ioredis";
import { closeDatabase, deleteDatabase, openDatabase, assertDiskSpace } from "./sqlite-file";
import { openMongoCollection } from "./documents/mongo/collection";
import { createMongoDatabase } from "./documents/mongo/database";
import { openSqliteCollection } from "./documents/sqlite/collection";
import { createJetstreamFacts, type JetstreamFacts } from "./facts/jetstream/facts";
import { createSqliteFacts } from "./facts/sqlite/facts";
import { createRedisKeyValueStore } from "./key-value/redis";
import { createSqliteKeyValueStore } from "./key-value/sqlite";
import { toNatsOptions } from "./nats";
import { deleteKeysWithPrefix, createRedisConnection } from "./redis";
import type { AnyDoc, Collection, Doc } from "./documents/collection";
import type { FactsTransport } from "./facts/transport";
import type { KeyValueStore } from "./key-value/key-value";
import type { Logger } from "./log";
import { settings } from "../settings";

const HOUR_MS = 3_600_000;
const quiet: Logger = { info() {}, warn() {}, error() {}, debug() {} };

/** The connections made so far: each is made when it is first needed, and removed by `close`. */
type Opened = {
	mongo?: ReturnType<typeof createMongoDatabase>;
	redis?: Redis;
	shortTimeoutRedis?: Redis;
	jetstream?: JetstreamFacts;
	facts?: FactsTransport;
	keyValue?: KeyValueStore;
};
let opened: Opened = {};
let log: Logger = quiet;

const database = () => openDatabase(settings.dataDir, settings.sqliteSync);
const mongo = () =>
	settings.mongo && (opened.mongo ??= createMongoDatabase({ ...settings.mongo, name: settings.namespace }));
const redis = () =>
	settings.redis &&
	(opened.redis ??= createRedisConnection({
		...settings.redis,
		onError: err => log.warn({ err: err.message }, "Redis does not answer")
	}));
const shortTimeoutRedis = () =>
	settings.redis &&
	(opened.shortTimeoutRedis ??= createRedisConnection({
		...settings.redis,
		commandMs: 100,
		onError: () => undefined
	}));
const jetstream = () =>
	settings.nats &&
	(opened.jetstream ??= createJetstreamFacts({
		connection: toNatsOptions(settings.nats),
		prefix: settings.namespace,
		replicas: settings.nats.replicas,
		maxAgeMs: settings.nats.maxAgeHours * HOUR_MS,
		maxBytes: settings.nats.maxBytes,
		collection: backends.collection,
		logger: log
	}));
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

	/** Rejects, with a message that a person can act on, when a backend can't be used. NATS may come later, and is not waited for. */
	async open(logger: Logger = quiet): Promise<void> {
		log = logger;
		if (usesFile) await naming(FOLDER, async () => database());
		await mongo()?.open();
		const server = redis();
		if (server && server.status === "wait") await naming("REDIS_URL", () => server.connect());
		await shortTimeoutRedis()
			?.connect()
			.catch(() => undefined); // it reconnects by itself
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
		return Object.keys(pings).filter((_, i) => results[i]?.status === "rejected");
	},

	collection<T extends Doc = AnyDoc>(this: void, name: string): Collection<T> {
		const documents = mongo();
		return documents
			? openMongoCollection<T>(documents.db, name)
			: openSqliteCollection<T>(database(), name);
	},

	facts(logger: Logger): FactsTransport {
		if (log === quiet) log = logger;
		return (opened.facts ??= jetstream() ?? createSqliteFacts(database(), { logger }));
	},

	keyValue(): KeyValueStore {
		const server = redis();
		return (opened.keyValue ??= server
			? createRedisKeyValueStore(server, { prefix: settings.namespace })
			: createSqliteKeyValueStore(database()));
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
		if (server) await deleteKeysWithPrefix(server, namespace);
		await this.close();
		return [
			...(nats ? [`NATS ${namespace}`] : []),
			...(documents ? [`MongoDB ${namespace}`] : []),
			...(server ? [`Redis ${namespace}:*`] : []),
			...(usesFile ? deleteDatabase(settings.dataDir) : [])
		];
	},

	/** Closes every connection; call it after the broker has stopped. */
	async close(): Promise<void> {
		const { jetstream: stream, facts = stream, keyValue, mongo: documents } = opened;
		const redisConnections = [opened.redis, opened.shortTimeoutRedis];
		opened = {};
		await facts?.close();
		await keyValue?.close();
		for (const connection of redisConnections) connection?.disconnect();
		await documents?.close();
		closeDatabase(settings.dataDir);
	}
};

/** Puts the name of the backend in front of the error's message. */
async function naming(backend: string, open: () => Promise<unknown>): Promise<void> {
	try {
		await open();
	} catch (err) {
		throw new Error(`${backend}: ${err instanceof Error ? err.message : String(err)}`, { cause: err });
	}
}
