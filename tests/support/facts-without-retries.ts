import type * as BackendsModule from "../../infrastructure/backends";
import type * as JetstreamModule from "../../infrastructure/facts/jetstream/facts";
import type * as SqliteFactsModule from "../../infrastructure/facts/sqlite/facts";
import type { FactsTransport } from "../../infrastructure/facts/transport";
import type * as NatsModule from "../../infrastructure/nats";
import type * as DatabaseModule from "../../infrastructure/sqlite-file";
import type * as SettingsModule from "../../settings";
import type { Shop } from "./shop";

/** Another transport over the facts of the shop that gives a fact up after its first failed attempt. */
export function openFactsWithoutRetries({ broker: { logger }, dataDir }: Shop): FactsTransport {
	const { settings } = require("../../settings") as typeof SettingsModule;
	if (!settings.nats) {
		const { createSqliteFacts } =
			require("../../infrastructure/facts/sqlite/facts") as typeof SqliteFactsModule;
		const { openDatabase } = require("../../infrastructure/sqlite-file") as typeof DatabaseModule;
		return createSqliteFacts(openDatabase(dataDir), { logger, backoffMs: [], pollMs: 20 });
	}
	const { createJetstreamFacts } =
		require("../../infrastructure/facts/jetstream/facts") as typeof JetstreamModule;
	const { toNatsOptions } = require("../../infrastructure/nats") as typeof NatsModule;
	const { backends } = require("../../infrastructure/backends") as typeof BackendsModule;
	const { collection } = backends;
	return createJetstreamFacts({
		connection: toNatsOptions(settings.nats),
		prefix: settings.namespace,
		collection,
		logger,
		backoffMs: []
	});
}
