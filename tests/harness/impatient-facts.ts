import type * as BackendsModule from "../../mixins/backends";
import type * as JetstreamModule from "../../mixins/facts/jetstream.facts";
import type * as SqliteFactsModule from "../../mixins/facts/sqlite.facts";
import type { FactsTransport } from "../../mixins/facts/transport";
import type * as NatsModule from "../../mixins/nats";
import type * as DatabaseModule from "../../mixins/store/database";
import type * as SettingsModule from "../../settings";
import type { Shop } from "./shop";

/** Beside the shop's own, over the same queue, and as impatient as a test: what fails once is given up. */
export function impatientFacts({ broker: { logger }, dataDir }: Shop): FactsTransport {
	const { settings } = require("../../settings") as typeof SettingsModule;
	if (!settings.nats) {
		const { sqliteFacts } = require("../../mixins/facts/sqlite.facts") as typeof SqliteFactsModule;
		const { embeddedDatabase } = require("../../mixins/store/database") as typeof DatabaseModule;
		return sqliteFacts(embeddedDatabase(dataDir), { logger, backoffMs: [], pollMs: 20 });
	}
	const { jetstreamFacts } = require("../../mixins/facts/jetstream.facts") as typeof JetstreamModule;
	const { natsOptions } = require("../../mixins/nats") as typeof NatsModule;
	const { backends } = require("../../mixins/backends") as typeof BackendsModule;
	const { collection } = backends;
	return jetstreamFacts({
		connection: natsOptions(settings.nats),
		prefix: settings.namespace,
		collection,
		logger,
		backoffMs: []
	});
}
