import DbService from "moleculer-db";
import type { Service, ServiceBroker, ServiceSchema } from "moleculer";
import type { Mixin } from "../schemas/kit/service";
import { backends } from "../infrastructure/backends";
import { OUTBOX_DELAY, STORE_DURATION } from "../infrastructure/documents/documents.metrics";
import { timeCollection } from "../infrastructure/documents/timed-collection";
import { reportStoredFacts } from "../infrastructure/facts/stored-facts";
import { openGauge, openHistogram, registerCollector } from "../infrastructure/prometheus";
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
import type { Collection, Doc, Index } from "../infrastructure/documents/collection";

export {
	DuplicateKey,
	ignoreDuplicate,
	type Index,
	type Sort,
	type Update,
	type Where
} from "../infrastructure/documents/collection";
export { Store, type GuardedChange, type Page, type PageQuery } from "../infrastructure/documents/store";

/** One collection of a service, with every index that its queries need. */
export type CollectionOf<T extends Doc> = {
	readonly name: string;
	readonly indexes: readonly Index[];
	readonly scans?: string;
	/** For the compiler only: the type of the documents. */
	readonly holds?: () => T;
};
type Collections = Readonly<Record<string, CollectionOf<Doc>>>;
type Stores<C> = { [K in keyof C]: C[K] extends CollectionOf<infer T> ? Store<T> : never };

/** Names a collection and its indexes. `scans` says why the collection is so small that its queries need no index. */
export const collection = <T extends Doc>(
	name: string,
	indexes: readonly Index[] = [],
	{ scans }: { readonly scans?: string } = {}
): CollectionOf<T> => ({ name, indexes, ...(scans && { scans }) });

/** The declaration without the type of its documents, and with the index that every outbox needs. */
const declarationOf = ({ name, indexes, scans }: CollectionOf<Doc>): CollectionDeclaration => ({
	name,
	indexes: [...indexes, OUTBOX_INDEX],
	...(scans && { scans })
});

/**
 * The stores of a service as an adapter of moleculer-db. A service that loads the schema gets a copy of its own, since
 * Moleculer clones schemas.
 */
class StoreAdapter {
	private stores: {
		readonly declaration: CollectionDeclaration;
		readonly documents: Collection<Doc>;
		readonly outbox: Outbox;
	}[] = [];

	constructor(private readonly collections: Collections) {}

	/** Puts a store for each collection on the service, before anything is connected. */
	init(broker: ServiceBroker, service: Service): void {
		const facts = tracePublishing(service, backends.publisher(service.logger));
		const observe = openHistogram(broker, STORE_DURATION);
		this.stores = Object.entries(this.collections).map(([key, declared]) => {
			const declaration = declarationOf(declared);
			const plain = backends.collection<Doc>(declaration.name);
			const stored = settings.metrics ? timeCollection(plain, observe) : plain;
			const documents = settings.checkAnswers ? guardIndexes(stored, declaration) : stored;
			const outbox = new Outbox(documents, facts, service.logger, written =>
				reportStoredFacts(service, written)
			);
			Object.assign(service, { [key]: new Store(documents, outbox, declaration.name) });
			return { declaration, documents, outbox };
		});
		showOutboxDelay(broker, this);
	}

	/** The longest delay of its outboxes. */
	readOutboxDelay(): number {
		return Math.max(0, ...this.stores.map(({ outbox }) => outbox.readDelaySeconds()));
	}

	async connect(): Promise<void> {
		for (const { declaration, documents, outbox } of this.stores) {
			if (settings.migrations === "run") await createMissingIndexes(documents, declaration);
			outbox.startSweeping();
		}
	}

	async disconnect(): Promise<void> {
		await Promise.all(this.stores.map(({ outbox }) => outbox.close()));
	}
}

const adaptersOf = new WeakMap<ServiceBroker, StoreAdapter[]>();
/** Shows the longest delay of all outboxes of the broker. */
function showOutboxDelay(broker: ServiceBroker, adapter: StoreAdapter): void {
	const adapters = adaptersOf.get(broker);
	if (adapters) return void adapters.push(adapter);
	const all = [adapter];
	adaptersOf.set(broker, all);
	const set = openGauge(broker, OUTBOX_DELAY);
	registerCollector(broker, () => set(Math.max(...all.map(one => one.readOutboxDelay())), {}));
}

/**
 * The one part of moleculer-db that a store needs (ADR 11): it gives the adapter its service, connects the adapter, again
 * every second until that succeeds, and disconnects it when the service stops.
 */
function connectionLifeCycle(adapter: StoreAdapter) {
	const { created, started, stopped, methods } = DbService as Partial<ServiceSchema>;
	const { connect, disconnect } = methods ?? {};
	return { created, started, stopped, methods: { connect, disconnect }, adapter } as Partial<ServiceSchema>;
}

/**
 * The documents of a service: `this.<key>` is the store of each collection named here. Creates the indexes (where
 * `MIGRATIONS` is `run`) and sweeps the outboxes from `started` on. Outside production, a query without an index behind it
 * is refused.
 */
export const storeMixin = <const C extends Collections>(collections: C): Mixin<Stores<C>> => ({
	mixins: [connectionLifeCycle(new StoreAdapter(collections))],
	metadata: { collections: Object.values(collections).map(declarationOf) } satisfies StoreMetadata
});
