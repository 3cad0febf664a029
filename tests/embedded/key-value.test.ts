import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createSqliteKeyValueStore } from "../../infrastructure/key-value/sqlite";
import { closeDatabase, openDatabase } from "../../infrastructure/sqlite-file";
import { keyValueContract } from "../contracts/key-value.contract";
import { ROOT, RUN_TYPESCRIPT } from "../support/root";

function openFolder() {
	const dataDir = mkdtempSync(join(tmpdir(), "key-value-"));
	const opened: DatabaseSync[] = [];
	let time = Date.UTC(2026, 0, 1);
	openDatabase(dataDir);
	return {
		dataDir,
		async open() {
			const db = new DatabaseSync(join(dataDir, "zjmall.db"), { timeout: 10_000 });
			opened.push(db);
			return createSqliteKeyValueStore(db, { now: () => time });
		},
		async pass(ms: number) {
			time += ms;
		},
		async stop() {
			for (const db of opened) db.close();
			closeDatabase(dataDir);
			rmSync(dataDir, { recursive: true });
		}
	};
}

keyValueContract("SQLite", async () => openFolder());

describe("key-value store over SQLite", () => {
	let folder: ReturnType<typeof openFolder>;
	beforeEach(() => {
		folder = openFolder();
	});
	afterEach(() => folder.stop());

	it("survives a restart", async () => {
		await createSqliteKeyValueStore(openDatabase(folder.dataDir)).update("cart:1", () => ({
			lines: [1]
		}));

		closeDatabase(folder.dataDir);
		const restarted = createSqliteKeyValueStore(openDatabase(folder.dataDir));

		expect(await restarted.get("cart:1")).toEqual({ lines: [1] });
	});

	it("counts exactly when two processes update one key at the same time", async () => {
		const children = [1, 2].map(() =>
			fork(join(__dirname, "key-value.counter.ts"), [folder.dataDir, "1000"], {
				execArgv: RUN_TYPESCRIPT,
				cwd: ROOT
			})
		);
		await Promise.all(children.map(child => once(child, "message")));

		const exits = children.map(child => once(child, "exit"));
		for (const child of children) child.send("go");
		const codes = (await Promise.all(exits)).map(([code]) => code);

		expect(codes).toEqual([0, 0]);
		expect(await (await folder.open()).get("counter")).toBe(2000);
	});

	it("deletes expired values", async () => {
		const store = await folder.open();
		for (let n = 0; n < 100; n++) await store.update(`code:${n}`, () => n, 1000);
		await folder.pass(1001);

		for (let n = 0; n < 60; n++) await store.update("counter", () => n);

		const rows = openDatabase(folder.dataDir).prepare("SELECT key FROM key_values").all();
		expect(rows.map(({ key }) => key)).toEqual(["counter"]);
	});
});
