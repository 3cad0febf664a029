import DbService from "moleculer-db";
import type { Service, ServiceBroker } from "moleculer";
import type { Mixin } from "../schemas/kit";
import { backends } from "./backends";
import { telling } from "./trace/facts";
import { Outbox } from "./store/outbox";
import { Store } from "./store/store";
import type { Doc, Index } from "./store/adapter";

export { Store } from "./store/store";
export { DuplicateKey } from "./store/adapter";

/** One collection of a service, with every index that its queries need. */
export type CollectionOf<T extends Doc> = {
	readonly name: string;
	readonly indexes: readonly Index[];
	/** For the compiler only: which documents these are. */
	readonly holds?: () => T;
};
export const collection = <T extends Doc>(name: string, indexes: readonly Index[] = []): CollectionOf<T> => ({
	name,
	indexes
});

type Stores<C> = { [K in keyof C]: C[K] extends CollectionOf<infer T> ? Store<T> : never };

/** Every action that moleculer-db would publish stays off: what can be asked of a service is in its contract. */
const NO_ACTIONS = Object.fromEntries(
	["find", "count", "list", "create", "insert", "get", "update", "remove"].map(name => [
		name,
		false as const
	])
);

/**
 * The documents of a service: `this.<key>` is the store of each collection named here. Connects, makes the indexes and
 * sweeps the outboxes from `started` on. The life cycle is moleculer-db's; the operations are the store's own.
 */
export function storeMixin<const C extends Readonly<Record<string, CollectionOf<Doc>>>>(
	collections: C
): Mixin<Stores<C>> {
	const outboxes = new WeakMap<Service, Outbox[]>();
	return {
		mixins: [Object.assign({}, DbService, { actions: NO_ACTIONS })],
		metadata: { collections: Object.values(collections).map(c => c.name) },
		created(this: Service) {
			const facts = telling(this, backends.facts(this.logger));
			const opened = Object.entries(collections).map(([key, { name, indexes }]) => {
				const documents = backends.collection<Doc>(name);
				const outbox = new Outbox(documents, facts, this.logger);
				Object.assign(this, { [key]: new Store(documents, outbox, name) });
				return { documents, outbox, indexes };
			});
			outboxes.set(
				this,
				opened.map(o => o.outbox)
			);
			const adapter = {
				init: (_broker: ServiceBroker, _service: Service) => undefined,
				async connect() {
					for (const { documents, outbox, indexes } of opened) {
						for (const index of indexes) await documents.index(index);
						await outbox.open();
					}
				},
				disconnect: () => Promise.all(opened.map(o => o.outbox.close()))
			};
			Object.assign(this, { adapter });
		}
	};
}
