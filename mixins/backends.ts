import type { Middleware } from "moleculer";
import { closeDatabase, embeddedDatabase } from "./store/database";
import { sqliteCollection } from "./store/sqlite.collection";
import { sqliteFacts } from "./facts/sqlite.facts";
import { sqliteHot } from "./hot/sqlite.hot";
import type { Collection, Doc } from "./store/adapter";
import type { FactsTransport, Logger } from "./facts/transport";
import type { HotState } from "./hot/hot-state";
import { settings } from "../settings";

/**
 * What the program runs on, decided here and nowhere else, each by its own setting: documents in MongoDB, facts on
 * JetStream, hot state in Redis; without it in the SQLite file of the data folder.
 */
export const backends = {
	mode: (settings.nats ?? settings.mongo ?? settings.redis) ? "distributed" : "embedded",
	/** Rejects, with a cause a person can act on, when one of them can't be used. */
	async open(): Promise<void> {
		database();
	},
	/** Those that do not answer just now. */
	async down(): Promise<string[]> {
		try {
			database().prepare("SELECT 1").get();
			return [];
		} catch {
			return ["store"];
		}
	},
	collection: <T extends Doc>(name: string): Collection<T> => sqliteCollection<T>(database(), name),
	facts: (logger: Logger): FactsTransport => (facts ??= sqliteFacts(database(), { logger })),
	hot: (): HotState => (hot ??= sqliteHot(database())),
	/** Lets go of everything, once the broker has stopped. */
	async close(): Promise<void> {
		await facts?.close();
		await hot?.close();
		facts = hot = undefined;
		closeDatabase(settings.dataDir);
	}
};

let facts: FactsTransport | undefined;
let hot: HotState | undefined;
const database = () => embeddedDatabase(settings.dataDir, settings.sqliteSync);

/** Opens them before the services start, and closes them after the last has stopped. */
export const backendsMiddleware = (): Middleware => ({
	name: "Backends",
	starting: () => backends.open(),
	stopped: () => backends.close()
});
