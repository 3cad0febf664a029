import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DuplicateKey } from "../../infrastructure/documents/collection";
import {
	openSqliteCollection,
	type SqliteCollection
} from "../../infrastructure/documents/sqlite/collection";
import { groupCommitOf, type GroupCommit } from "../../infrastructure/group-commit";
import { closeDatabase, openDatabase } from "../../infrastructure/sqlite-file";
import type { Item } from "../contracts/collection.contract";

let dataDir: string;
let items: SqliteCollection<Item>;
let group: GroupCommit;
let otherProcess: DatabaseSync;
let commits: number;

beforeEach(async () => {
	dataDir = mkdtempSync(join(tmpdir(), "commits-"));
	const db = openDatabase(dataDir);
	items = openSqliteCollection<Item>(db, "items");
	await items.index({ keys: { code: 1 }, unique: true });
	group = groupCommitOf(db);
	commits = 0;
	group.onCommit({ before: () => undefined, after: failure => (commits += Number(failure === undefined)) });
	otherProcess = new DatabaseSync(join(dataDir, "zjmall.db"));
});
afterEach(() => {
	otherProcess.close();
	closeDatabase(dataDir);
	rmSync(dataDir, { recursive: true });
});

const committedIds = () =>
	otherProcess
		.prepare("SELECT id FROM items_docs ORDER BY id")
		.all()
		.map(({ id }) => id);
const anItem = (n: number): Item => ({ _id: `i${n}`, code: `c${n}` });

it("answers concurrent writes after one commit, each with its own result", async () => {
	const outcomes = await Promise.allSettled([
		items.insert(anItem(1)),
		items.insert({ ...anItem(2), code: "c1" }),
		items.insert(anItem(3)),
		items.change({ _id: "i1", code: "none" }, { $set: { stock: 1 } })
	]);

	expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
	expect(outcomes[1]).toMatchObject({ reason: expect.any(DuplicateKey) as unknown });
	expect(outcomes[3]).toMatchObject({ value: null });
	expect(committedIds()).toEqual(["i1", "i3"]);
	expect(commits).toBe(1);
});

it("commits the writes of a use case together, before it resolves", async () => {
	await group.together(async () => {
		await items.insert(anItem(1));
		expect(await items.findOne({ code: "c1" })).toEqual(anItem(1));
		await items.change({ _id: "i1" }, { $set: { stock: 3 } });
		expect(committedIds()).toEqual([]);
	});

	expect(committedIds()).toEqual(["i1"]);
	expect(commits).toBe(1);
});

it("shows a write to readers outside of its use case only after the commit", async () => {
	const written = Promise.withResolvers<void>();
	const end = Promise.withResolvers<void>();
	const useCase = group.together(async () => {
		await items.insert(anItem(1));
		written.resolve();
		await end.promise;
	});
	await written.promise;

	const read = items.findOne({ _id: "i1" }).then(found => ({ found, committed: committedIds() }));
	end.resolve();

	expect(await read).toEqual({ found: anItem(1), committed: ["i1"] });
	await useCase;
});

it("keeps the writes before a refusal, and passes the refusal on after their commit", async () => {
	const refused = group.together(async () => {
		await items.insert(anItem(1));
		throw new Error("sold out");
	});

	await expect(refused).rejects.toThrow("sold out");
	expect(committedIds()).toEqual(["i1"]);
});

it("commits what is written before a use case reaches out of the process", async () => {
	await group.together(async () => {
		await items.insert(anItem(1));
		group.flush();
		expect(committedIds()).toEqual(["i1"]);
		await items.insert(anItem(2));
	});

	expect(committedIds()).toEqual(["i1", "i2"]);
});

it("does not let a use case that waits for long hold up others", async () => {
	const end = Promise.withResolvers<void>();
	const slow = group.together(async () => {
		await items.insert(anItem(1));
		await end.promise;
		await items.insert(anItem(3));
	});

	await items.insert(anItem(2));

	expect(committedIds()).toEqual(["i1", "i2"]);
	end.resolve();
	await slow;
	expect(committedIds()).toEqual(["i1", "i2", "i3"]);
});

it("waits for the lock of another process without blocking this one", async () => {
	otherProcess.exec("BEGIN IMMEDIATE");
	const write = items.insert(anItem(1));
	await new Promise(resolve => setImmediate(resolve));
	expect(await items.count({})).toBe(0);

	otherProcess.exec("COMMIT");

	await write;
	expect(committedIds()).toEqual(["i1"]);
});

it("ends the use cases of a transaction that could not be committed", async () => {
	const failing = group.onCommit({
		before: () => {
			throw new Error("the disk failed");
		},
		after: () => failing()
	});

	const lost = group.together(async () => {
		await items.insert(anItem(1));
		expect(() => group.flush()).toThrow("the disk failed");
		await items.insert(anItem(2));
	});

	await expect(lost).rejects.toThrow("the disk failed");
	expect(committedIds()).toEqual([]);
	await items.insert(anItem(3));
	expect(committedIds()).toEqual(["i3"]);
});
