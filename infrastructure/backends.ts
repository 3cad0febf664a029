import type { Middleware, ServiceBroker } from "moleculer";
import type Redis from "ioredis";
import { closeDatabase, deleteDatabase, openDatabase, assertDiskSpace } from "./sqlite-file";
import { openMongoCollection } from "./documents/mongo/collection";
import { createMongoDatabase } from "./documents/mongo/database";
import { openSqliteCollection } from "./documents/sqlite/collection";
import { jetstreamFacts, type JetstreamFacts } from "./facts/jetstream/facts";
import { sqliteFacts } from "./facts/sqlite/facts";
import { redisKeyValueStore } from "./key-value/redis";
import { sqliteKeyValueStore } from "./key-value/sqlite";
import { natsOptions } from "./nats";
import { deleteKeysWithPrefix, createRedisConnection } from "./redis";
import type { Collection, Doc } from "./documents/collection";
import type { FactsTransport, Logger } from "./facts/transport";
import type { KeyValueStore } from "./key-value/key-value";
import { settings } from "../settings";

const HOUR_MS = 3_600_000;
const quiet: Logger = { info() {}, warn() {}, error() {}, debug() {} };

/** What was opened; made when it is first needed, and gone after `close`. */
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
/** For what can do without: it is not waited for, and does not wait behind what can't. */
const shortTimeoutRedis = () =>
	settings.redis &&
	(opened.shortTimeoutRedis ??= createRedisConnection({
		...settings.redis,
		commandMs: 100,
		onError: () => undefined
	}));
const jetstream = () =>
	settings.nats &&
	(opened.jetstream ??= jetstreamFacts({
		connection: natsOptions(settings.nats),
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
 * What the program runs on, decided here and nowhere else, each by its own setting: documents in MongoDB, facts on
 * JetStream, hot state in Redis; without it in the SQLite file of the data folder.
 */
export const backends = {
	mode: settings.nats || settings.mongo || settings.redis ? "distributed" : "embedded",

	/** Rejects when the disk of the data folder, where that is used, is full. */
	async mustHaveRoom(): Promise<void> {
		if (usesFile) await named(FOLDER, async () => assertDiskSpace(settings.dataDir));
	},

	/** Rejects, with a cause a person can act on, when one of them can't be used. Waits for NATS: it may come later. */
	async open(logger: Logger = quiet): Promise<void> {
		log = logger;
		if (usesFile) await named(FOLDER, async () => database());
		await mongo()?.open();
		const server = redis();
		if (server && server.status === "wait") await named("REDIS_URL", () => server.connect());
		await shortTimeoutRedis()
			?.connect()
			.catch(() => undefined); // it comes later
	},

	/** Those that do not answer just now. */
	async findUnavailable(): Promise<string[]> {
		const answers: Record<string, () => unknown> = {
			documents: () => (settings.mongo ? mongo()?.ping() : database().prepare("SELECT 1").get()),
			"hot state": () => redis()?.ping(),
			facts: () => {
				if (opened.jetstream?.isConnected === false) throw new Error("not connected");
			}
		};
		const asked = await Promise.allSettled(Object.values(answers).map(async ask => ask()));
		return Object.keys(answers).filter((_, i) => asked[i]?.status === "rejected");
	},

	collection<T extends Doc>(this: void, name: string): Collection<T> {
		const documents = mongo();
		return documents
			? openMongoCollection<T>(documents.db, name)
			: openSqliteCollection<T>(database(), name);
	},

	facts(logger: Logger): FactsTransport {
		if (log === quiet) log = logger;
		return (opened.facts ??= jetstream() ?? sqliteFacts(database(), { logger }));
	},

	keyValue(): KeyValueStore {
		const server = redis();
		return (opened.keyValue ??= server
			? redisKeyValueStore(server, { prefix: settings.namespace })
			: sqliteKeyValueStore(database()));
	},

	/** What processes share besides, where there is one: limits and caches. Impatient: both have a way without it. */
	shortTimeoutRedis: (): Redis | null => shortTimeoutRedis(),

	/** Deletes the shop's data, and nothing of another shop on the same servers; answers what was deleted. */
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

	/** Lets go of everything, once the broker has stopped. */
	async close(): Promise<void> {
		const {
			jetstream: stream,
			facts = stream,
			keyValue,
			redis: server,
			shortTimeoutRedis: other,
			mongo: documents
		} = opened;
		opened = {};
		await facts?.close();
		await keyValue?.close();
		server?.disconnect();
		other?.disconnect();
		await documents?.close();
		closeDatabase(settings.dataDir);
	}
};

async function named(what: string, open: () => Promise<unknown>): Promise<void> {
	try {
		await open();
	} catch (err) {
		throw new Error(`${what}: ${err instanceof Error ? err.message : String(err)}`, { cause: err });
	}
}

/** Opens them before the services start, and closes them after the last has stopped. */
export const backendsMiddleware = (): Middleware => ({
	name: "Backends",
	starting: ({ logger }: ServiceBroker) => backends.open(logger),
	stopped: () => backends.close()
});
