import { rmSync } from "node:fs";
import { ServiceBroker } from "moleculer";
import { backends } from "../../infrastructure/backends";
import type { Doc } from "../../infrastructure/documents/collection";
import { collection, storeMixin, type Store } from "../../mixins/store.mixin";
import { settings } from "../../settings";

type Note = Doc & { readonly text: string };
type NotesService = {
	readonly notes: Store<Note>;
	readonly adapter: object;
	readonly settings: object;
	readonly metadata: object;
};
const schema = {
	name: "notes",
	mixins: [storeMixin({ notes: collection<Note>("notes", [{ keys: { text: 1 } }]) })]
};
const newBroker = () => new ServiceBroker({ logger: false, skipProcessEventRegistration: true });
const brokers = [newBroker(), newBroker()] as const;
const [one, other] = brokers.map(broker => broker.createService(schema)) as unknown as [
	NotesService,
	NotesService
];
const keysBeforeStart = Object.keys(one);

afterAll(async () => {
	await Promise.all(brokers.map(broker => broker.stop()));
	await backends.close();
	rmSync(settings.dataDir, { recursive: true, force: true });
});

it("creates the declared indexes and one for the outbox when the service starts", async () => {
	await brokers[0].start();

	const keys = (await backends.collection("notes").indexes()).map(index => index.keys);
	expect(keys).toEqual([{ text: 1 }, { outboxAt: 1 }]);
});

it("gives each service that is made from one schema stores of its own", async () => {
	await brokers[1].start();
	await one.notes.insert({ _id: "n1", text: "kept" });
	await brokers[0].stop();

	expect(other.adapter).not.toBe(one.adapter);
	expect(other.notes).not.toBe(one.notes);
	expect(await other.notes.get("n1")).toEqual({ _id: "n1", text: "kept" });
});

it("puts nothing of moleculer-db on the service but its adapter and its connection", () => {
	const bare = newBroker().createService({ name: "bare" });
	const added = keysBeforeStart.filter(key => !(key in bare));

	expect(added.toSorted()).toEqual(["adapter", "connect", "disconnect", "notes"]);
	expect(one.settings).toEqual({});
	expect(Object.keys(one.metadata)).toEqual(["collections"]);
});
