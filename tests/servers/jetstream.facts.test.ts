import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ulid } from "ulid";
import {
	jetstreamFacts,
	type JetstreamFacts,
	type JetstreamOptions
} from "../../mixins/facts/jetstream.facts";
import { closeDatabase, embeddedDatabase } from "../../mixins/store/database";
import { sqliteCollection } from "../../mixins/store/sqlite.collection";
import { factsContract } from "../facts/transport.contract";
import { startNats, type Server } from "../harness/servers";

const logger = { info() {}, warn() {}, error() {}, debug() {} };
const ackWaitMs = 500;

let nats: Server;
beforeAll(async () => {
	nats = await startNats();
});
afterAll(() => nats.stop());

/** A shop's facts: a stream on the server, and documents of its own. */
function aShop(server = nats) {
	const dataDir = mkdtempSync(join(tmpdir(), "facts-"));
	const db = embeddedDatabase(dataDir);
	const prefix = `shop-${ulid()}`;
	const open = new Set<JetstreamFacts>();
	return {
		prefix,
		leaseMs: ackWaitMs,
		async open(options: Partial<JetstreamOptions> = {}) {
			const facts = jetstreamFacts({
				connection: {
					servers: server.url,
					maxReconnectAttempts: -1,
					reconnectTimeWait: 250,
					waitOnFirstConnect: true
				},
				collection: name => sqliteCollection(db, name),
				prefix,
				logger,
				ackWaitMs,
				backoffMs: [10, 20],
				...options
			});
			open.add(facts);
			return facts;
		},
		async stop() {
			for (const facts of open) await facts.close();
			closeDatabase(dataDir);
			rmSync(dataDir, { recursive: true });
		}
	};
}

factsContract("JetStream", async () => aShop());
