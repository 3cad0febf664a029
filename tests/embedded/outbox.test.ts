import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StoredFact } from "../../infrastructure/facts/transport";
import { closeDatabase, openDatabase } from "../../infrastructure/sqlite-file";
import { Outbox, OUTBOX_INDEX, type WithOutbox } from "../../infrastructure/documents/outbox";
import { openSqliteCollection } from "../../infrastructure/documents/sqlite/collection";
import { aFact } from "../contracts/facts.contract";
import { until } from "../support/until";

const quiet = { info() {}, warn() {}, error() {}, debug() {} };
const LONG_AGO = new Date(Date.now() - 60_000);

let dataDir: string;
let published: string[];
let refused: ReadonlySet<string>;
let outbox: Outbox;
const documents = () => openSqliteCollection<WithOutbox>(openDatabase(dataDir), "things");
beforeEach(async () => {
	dataDir = mkdtempSync(join(tmpdir(), "outbox-"));
	await documents().index(OUTBOX_INDEX);
	published = [];
	refused = new Set();
	const publish = async (facts: readonly StoredFact[]) => {
		if (facts.some(({ id }) => refused.has(id))) throw new Error("too big");
		published.push(...facts.map(({ id }) => id));
	};
	outbox = new Outbox(documents(), { publish }, quiet);
});
afterEach(async () => {
	await outbox.close();
	closeDatabase(dataDir);
	rmSync(dataDir, { recursive: true });
});

const documentsLeft = (n: number): WithOutbox[] =>
	Array.from({ length: n }, (_, i) => ({ _id: `t${i}`, outbox: [aFact()], outboxAt: LONG_AGO }));
const idsOf = (docs: readonly WithOutbox[]) => docs.map(({ outbox: facts = [] }) => facts[0]?.id ?? "");

it("publishes the facts of a long outage in one sweep", async () => {
	const docs = documentsLeft(1000);
	await documents().insertMissing(docs);

	outbox.startSweeping();

	await until(
		"empty outboxes",
		async () => (await documents().count({ outboxAt: { $exists: true } })) === 0
	);
	expect(published.toSorted()).toEqual(idsOf(docs).toSorted());
});

it("publishes facts that were stored while the clock was an hour ahead", async () => {
	const docs = documentsLeft(1).map(doc => ({ ...doc, outboxAt: new Date(Date.now() + 3_600_000) }));
	await documents().insertMissing(docs);

	outbox.startSweeping();

	await until("the fact to be published", () => published.length === 1);
	expect(published).toEqual(idsOf(docs));
});

it("publishes the other documents' facts where one document's can't be published, and keeps these", async () => {
	const docs = documentsLeft(20);
	const [bad = "", ...good] = idsOf(docs);
	refused = new Set([bad]);
	await documents().insertMissing(docs);

	outbox.startSweeping();

	await until("the others", () => published.length === good.length);
	await until("one left", async () => (await documents().count({ outboxAt: { $exists: true } })) === 1);
	expect(await documents().find({ outboxAt: { $exists: true } })).toEqual([docs[0]]);
	const sinceSeconds = (Date.now() - LONG_AGO.getTime()) / 1000;
	expect(outbox.readDelaySeconds() / sinceSeconds).toBeCloseTo(1);
});

it("keeps a fact that is added while the outbox is being published, and publishes it next", async () => {
	const [doc = { _id: "" }] = documentsLeft(1);
	const late = aFact();
	await documents().insert(doc);
	const publish = async (facts: readonly StoredFact[]) => {
		if (published.length === 0)
			await documents().change({ _id: doc._id }, { $push: { outbox: { $each: [late] } } });
		published.push(...facts.map(({ id }) => id));
	};
	const beside = new Outbox(documents(), { publish }, quiet);

	beside.relay(doc);
	await beside.close();

	expect(published).toEqual([...idsOf([doc]), ...idsOf([doc]), late.id]);
	expect(await documents().findOne({ _id: doc._id })).toEqual({ _id: doc._id });
});
