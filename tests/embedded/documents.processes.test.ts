import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuplicateKey } from "../../infrastructure/documents/collection";
import { closeDatabase, openDatabase } from "../../infrastructure/sqlite-file";
import { openSqliteCollection } from "../../infrastructure/documents/sqlite/collection";
import type { Item } from "../contracts/collection.contract";
import { RUN_TYPESCRIPT } from "../support/root";
import type { Command } from "./other-process";

const dir = mkdtempSync(join(tmpdir(), "zjmall-store-"));
const db = openDatabase(dir);
const children: ChildProcess[] = [];

type Reply = { readonly answer?: unknown; readonly error?: string };

async function anotherProcess() {
	const child = fork(join(__dirname, "other-process.ts"), [dir], { execArgv: RUN_TYPESCRIPT });
	children.push(child);
	await once(child, "message");
	const ask = async (command: Command): Promise<unknown> => {
		child.send(command);
		const [reply] = (await once(child, "message")) as [Reply];
		if (reply.error) throw new Error(reply.error);
		return reply.answer;
	};
	return { child, ask };
}

afterAll(async () => {
	for (const child of children.filter(({ exitCode, signalCode }) => exitCode === null && !signalCode)) {
		child.kill();
		await once(child, "exit");
	}
	closeDatabase(dir);
	rmSync(dir, { recursive: true });
});

it("sells exactly what is there from several processes at once", async () => {
	const items = openSqliteCollection<Item>(db, "stock");
	await items.insert({ _id: "sku", stock: 100 });
	const sellers = await Promise.all([anotherProcess(), anotherProcess(), anotherProcess()]);
	await Promise.all(sellers.map(({ ask }) => ask({ do: "open", collection: "stock" })));

	const sold = await Promise.all(sellers.map(({ ask }) => ask({ do: "sell", times: 400 })));

	expect(sold.reduce((sum: number, n) => sum + Number(n), 0)).toBe(100);
	expect(await items.findOne({ _id: "sku" })).toEqual({ _id: "sku", stock: 0 });
});

it("keeps the indexes that another process declares after both have opened the collection", async () => {
	const items = openSqliteCollection<Item>(db, "shared");
	await items.insert({ _id: "a", code: "p" });
	const { ask } = await anotherProcess();
	await ask({ do: "open", collection: "shared" });
	await ask({ do: "index", index: { keys: { code: 1 }, unique: true } });

	const refused = items.insert({ _id: "b", code: "p" });
	await expect(refused).rejects.toBeInstanceOf(DuplicateKey);
	await items.insert({ _id: "b", code: "q" });
	await items.index({ keys: { tags: 1 } });

	await expect(ask({ do: "insert", doc: { _id: "c", code: "q" } })).rejects.toThrow("Duplicate key");
	await ask({ do: "insert", doc: { _id: "c", code: "r", tags: ["x", "y"] } });
	expect(items.explain({ tags: "y" })).toMatchObject({ index: "tags" });
	expect(await items.find({ tags: { $in: ["x", "y"] } })).toEqual([
		{ _id: "c", code: "r", tags: ["x", "y"] }
	]);
});

it("loses no acknowledged write, and no index entry, to kill -9", async () => {
	const items = openSqliteCollection<Item>(db, "flood");
	await items.index({ keys: { code: 1 }, unique: true });
	await items.index({ keys: { tags: 1 } });
	const { child, ask } = await anotherProcess();
	await ask({ do: "open", collection: "flood" });
	let acknowledged = -1;
	child.send({ do: "flood" } satisfies Command);
	child.on("message", (reply: Reply) => {
		acknowledged = Number(reply.answer);
		if (acknowledged === 300) child.kill("SIGKILL");
	});
	await once(child, "exit");

	const found = await items.find({}, { fields: ["changed"] });

	expect(acknowledged).toBeGreaterThanOrEqual(300);
	const changed = new Map(found.map(doc => [doc._id, doc["changed"]]));
	for (let i = 0; i <= acknowledged; i++) expect(changed.get(`f${i}`)).toBe(i);
	expect(await items.count({ tags: "x" })).toBe(found.length);
	expect(await items.count({ code: { $gte: "" } })).toBe(found.length);
	expect(db.prepare("PRAGMA integrity_check").get()).toMatchObject({ integrity_check: "ok" });
});
