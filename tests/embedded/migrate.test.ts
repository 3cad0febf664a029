import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadMigrations } from "../../infrastructure/documents/migrations";
import { startShop } from "../support/shop";
import { ROOT, RUN_TYPESCRIPT } from "../support/root";

const temporary = mkdtempSync(join(tmpdir(), "zjmall-migrate-"));
const dataDir = join(temporary, "data");
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

/** On the embedded store, whatever the rest of the suite runs on. */
const EMBEDDED = { DATA_DIR: dataDir, NATS_URL: "", MONGO_URL: "", REDIS_URL: "" };
const migrate = (...args: string[]) =>
	new Promise<{ code: number; said: string }>(resolve => {
		const script = [...RUN_TYPESCRIPT, join(ROOT, "scripts/migrate.ts"), ...args];
		const env = { ...process.env, ...EMBEDDED, NODE_ENV: "test" };
		execFile(process.execPath, script, { cwd: ROOT, env }, (err, stdout, stderr) =>
			resolve({ code: Number(err?.code ?? 0), said: stdout + stderr })
		);
	});

/** The rest of each line that has the label. */
const linesAfter = (label: string, said: string): string[] =>
	[...said.matchAll(new RegExp(`${label} +(.+)$`, "gm"))].map(([, rest = ""]) => rest);

it("keeps a shop from starting on an outdated database until npm run migrate has run", async () => {
	const checked = () => startShop({ ...EMBEDDED, MIGRATIONS: "check" });

	const refusal: unknown = await checked().catch((err: unknown) => err);
	const before = await migrate("--status");
	const made = await migrate();
	const after = await migrate("--status");
	const shop = await checked();
	await shop.stop();

	const pending = linesAfter("pending", before.said);
	const missing = linesAfter("missing index", before.said);
	const lacks = [
		...pending.map(name => `the migration ${name}`),
		...missing.map(index => `the index ${index}`)
	];
	const refusedFor = `lacks ${lacks.slice(0, 5).join("; ")} and ${lacks.length - 5} more: npm run migrate`;
	expect(String(refusal)).toContain(refusedFor);
	expect(pending).toEqual((await loadMigrations(join(ROOT, "migrations"))).map(({ name }) => name));
	expect(missing.length).toBeGreaterThan(5);
	expect(before.code).toBe(1);
	expect(before.said).toContain("missing index  orders { orderNo: 1 } unique");
	expect(before.said).toContain("missing index  orders { outboxAt: 1 } sparse");
	expect(made.code).toBe(0);
	expect(made.said).toContain("the database is ready");
	expect(after).toMatchObject({ code: 0, said: expect.stringContaining("nothing to do") });
});

describe("a folder of migrations", () => {
	const folderOf = (...files: string[]) => {
		const folder = mkdtempSync(join(temporary, "folder-"));
		for (const file of files) writeFileSync(join(folder, file), "exports.up = async () => {};");
		return folder;
	};

	it("is read in the order of the numbers, and may be missing or empty", async () => {
		const found = await loadMigrations(folderOf("0002-b.js", "0001-a.js", "README.md"));

		expect(found.map(({ name }) => name)).toEqual(["0001-a", "0002-b"]);
		expect(await loadMigrations(folderOf())).toEqual([]);
		expect(await loadMigrations(join(temporary, "none"))).toEqual([]);
	});

	it.each([
		["a file without a number", ["add-a-field.js"], "is not named like 0001-what-it-does.ts"],
		["a number that is there twice", ["0001-a.js", "0001-b.js"], "Two migrations have the number 0001"]
	])("is refused with %s", async (_, files, message) => {
		await expect(loadMigrations(folderOf(...files))).rejects.toThrow(message);
	});

	it("is refused if it has a file that is no migration", async () => {
		const folder = folderOf("0001-a.js");
		writeFileSync(join(folder, "0002-b.js"), "exports.down = 1;");

		await expect(loadMigrations(folder)).rejects.toThrow("0002-b.js does not export a function up");
	});
});
