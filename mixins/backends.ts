import { closeDatabase, embeddedDatabase } from "./store/database";
import { sqliteCollection } from "./store/sqlite.collection";
import { sqliteFacts } from "./facts/sqlite.facts";
import { sqliteHot } from "./hot/sqlite.hot";
import type { Collection, Doc } from "./store/adapter";
import type { FactsTransport, Logger } from "./facts/transport";
import type { HotState } from "./hot/hot-state";
import { settings } from "../settings";

/**
 * What the program runs on, decided here and nowhere else. Embedded: the SQLite file of the data folder holds documents,
 * facts and hot state.
 */
export const backends = {
	mode: "embedded",
	/** Rejects, with a cause a person can act on, when the data folder can't be used. */
	open(): void {
		database();
	},
	/** Whether the store answers. */
	async ping(): Promise<boolean> {
		try {
			database().prepare("SELECT 1").get();
			return true;
		} catch {
			return false;
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
