import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ulid } from "ulid";
import {
	createJetstreamFacts,
	type JetstreamFacts,
	type JetstreamOptions
} from "../../infrastructure/facts/jetstream/facts";
import { closeDatabase, openDatabase } from "../../infrastructure/sqlite-file";
import { openSqliteCollection } from "../../infrastructure/documents/sqlite/collection";
import type { Server } from "../support/servers";

const logger = { info() {}, warn() {}, error() {}, debug() {} };
export const ackWaitMs = 2_000;

/** Opens the facts of a shop as one of its processes would. */
export const openFacts = (url: string, prefix: string, dataDir: string, options: Partial<JetstreamOptions>) =>
	createJetstreamFacts({
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

/** Makes a new shop: a stream on the server and a document store, which `open` opens as another process would. */
export function openFactsShop(server: Server) {
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
