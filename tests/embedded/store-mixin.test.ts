import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { ServiceBroker } from "moleculer";
import type * as BackendsModule from "../../infrastructure/backends";
import type { Doc } from "../../infrastructure/documents/collection";
import type * as StoreMixinModule from "../../mixins/store.mixin";

const dataDir = mkdtempSync(join(tmpdir(), "zjmall-mixin-"));
Object.assign(process.env, { DATA_DIR: dataDir, MALL_NAMESPACE: basename(dataDir) });
// Required, not imported: the settings are read with the modules.
const { backends } = require("../../infrastructure/backends") as typeof BackendsModule;
const { collection, storeMixin } = require("../../mixins/store.mixin") as typeof StoreMixinModule;

type Note = Doc & { readonly text: string };
type NotesService = {
	readonly notes: StoreMixinModule.Store<Note>;
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
	rmSync(dataDir, { recursive: true });
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
