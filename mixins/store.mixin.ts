import DbService from "moleculer-db";
import type { Service, ServiceBroker } from "moleculer";
import type { Mixin } from "../schemas/kit";
import { backends } from "../infrastructure/backends";
import { tracePublishing } from "../infrastructure/trace/facts";
import {
	createMissingIndexes,
	type CollectionDeclaration,
	type StoreMetadata
} from "../infrastructure/documents/declared";
import { guardIndexes } from "../infrastructure/documents/index-guard";
import { Outbox, OUTBOX_INDEX } from "../infrastructure/documents/outbox";
import { Store } from "../infrastructure/documents/store";
import { settings } from "../settings";
import type { Doc, Index } from "../infrastructure/documents/collection";

export {
	DuplicateKey,
	type Index,
	type Sort,
	type Update,
	type Where
} from "../infrastructure/documents/collection";
export { Store, type Page, type PageQuery } from "../infrastructure/documents/store";

/** One collection of a service, with every index that its queries need. */
export type CollectionOf<T extends Doc> = {
	readonly name: string;
	readonly indexes: readonly Index[];
	readonly scans?: string;
	/** For the compiler only: which documents these are. */
	readonly holds?: () => T;
};
/** `scans` says why the collection is so small that queries need no index behind them. */
export const collection = <T extends Doc>(
	name: string,
	indexes: readonly Index[] = [],
	{ scans }: { readonly scans?: string } = {}
): CollectionOf<T> => ({ name, indexes, ...(scans && { scans }) });

type Stores<C> = { [K in keyof C]: C[K] extends CollectionOf<infer T> ? Store<T> : never };

/** Every action that moleculer-db would publish stays off: what can be asked of a service is in its contract. */
const NO_ACTIONS = Object.fromEntries(
	["find", "count", "list", "create", "insert", "get", "update", "remove"].map(name => [
		name,
		false as const
	])
);

/** Without the types of its documents, and with what every collection has. */
const declarationOf = ({ name, indexes, scans }: CollectionOf<Doc>): CollectionDeclaration => ({
	name,
	indexes: [...indexes, OUTBOX_INDEX],
	...(scans && { scans })
});

/**
 * The documents of a service: `this.<key>` is the store of each collection named here. Connects, makes the indexes (where
 * `MIGRATIONS` is `run`) and sweeps the outboxes from `started` on. The life cycle is moleculer-db's; the operations are
 * the store's own. Outside production, a query without an index behind it is refused.
 */
export function storeMixin<const C extends Readonly<Record<string, CollectionOf<Doc>>>>(
	collections: C
): Mixin<Stores<C>> {
	const outboxes = new WeakMap<Service, Outbox[]>();
	return {
		mixins: [Object.assign({}, DbService, { actions: NO_ACTIONS })],
		metadata: { collections: Object.values(collections).map(declarationOf) } satisfies StoreMetadata,
		created(this: Service) {
			const facts = tracePublishing(this, backends.facts(this.logger));
			const opened = Object.entries(collections).map(([key, wanted]) => {
				const own = declarationOf(wanted);
				const stored = backends.collection<Doc>(own.name);
				const documents = settings.checkAnswers ? guardIndexes(stored, own) : stored;
				const outbox = new Outbox(documents, facts, this.logger);
				Object.assign(this, { [key]: new Store(documents, outbox, own.name) });
				return { documents, outbox, own };
			});
			outboxes.set(
				this,
				opened.map(o => o.outbox)
			);
			const adapter = {
				init: (_broker: ServiceBroker, _service: Service) => undefined,
				async connect() {
					for (const { documents, outbox, own } of opened) {
						if (settings.migrations === "run") await createMissingIndexes(documents, own);
						outbox.startSweeping();
					}
				},
				disconnect: () => Promise.all(opened.map(o => o.outbox.close()))
			};
			Object.assign(this, { adapter });
		}
	};
}
