import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ulid } from "ulid";
import {
	jetstreamFacts,
	type JetstreamFacts,
	type JetstreamOptions
} from "../../infrastructure/facts/jetstream/facts";
import { closeDatabase, openDatabase } from "../../infrastructure/sqlite-file";
import { openSqliteCollection } from "../../infrastructure/documents/sqlite/collection";
import type { Server } from "../support/servers";

const logger = { info() {}, warn() {}, error() {}, debug() {} };
export const ackWaitMs = 500;

/** One process's view of the facts of a shop. */
export const openFacts = (url: string, prefix: string, dataDir: string, options: Partial<JetstreamOptions>) =>
	jetstreamFacts({
		connection: {
			servers: url,
			maxReconnectAttempts: -1,
			reconnectTimeWait: 100,
			waitOnFirstConnect: true
		},
		collection: name => openSqliteCollection(openDatabase(dataDir), name),
		prefix,
		logger,
		ackWaitMs,
		backoffMs: [10, 20],
		...options
	});

/** A shop's facts: a stream on the server, and documents of its own. */
export function aShop(server: Server) {
	const dataDir = mkdtempSync(join(tmpdir(), "facts-"));
	const prefix = `shop-${ulid()}`;
	const opened = new Set<JetstreamFacts>();
	return {
		prefix,
		dataDir,
		leaseMs: ackWaitMs,
		async open(options: Partial<JetstreamOptions> = {}) {
			const facts = openFacts(server.url, prefix, dataDir, options);
			opened.add(facts);
			return facts;
		},
		async stop() {
			for (const facts of opened) await facts.close();
			closeDatabase(dataDir);
			rmSync(dataDir, { recursive: true });
		}
	};
}
