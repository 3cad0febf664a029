import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FolderInUseError, lockDataFolder } from "../../infrastructure/data-folder-lock";
import { createFolder } from "../../infrastructure/sqlite-file";
import { ROOT, RUN_TYPESCRIPT } from "../support/root";
import { ShopProcess } from "../support/shop-process";

const NO_SERVERS = { NATS_URL: "", MONGO_URL: "", REDIS_URL: "" };
const run = (script: string, dataDir: string, ...args: string[]) =>
	spawnSync(process.execPath, [...RUN_TYPESCRIPT, script, ...args], {
		cwd: ROOT,
		encoding: "utf8",
		timeout: 120_000,
		env: { ...process.env, ...NO_SERVERS, NODE_ENV: "test", DATA_DIR: dataDir, PORT: "0" }
	});

it("creates every level of a data folder, and accepts one that exists", () => {
	const base = mkdtempSync(join(tmpdir(), "zjmall-"));
	const folder = join(base, "a/b/c");

	createFolder(folder);
	createFolder(folder);

	expect(existsSync(folder)).toBe(true);
	rmSync(base, { recursive: true });
});

const onLinux = process.platform === "linux" ? it : it.skip;
onLinux("ends a start over a folder that can't be made with one line", () => {
	const { status, stderr } = run("main.ts", "/proc/zjmall/data");

	expect([status, stderr.trim().split("\n")]).toEqual([1, [expect.stringContaining("/proc/zjmall/data")]]);
});

onLinux("has the doctor say so as well", () => {
	const { status, stdout } = run("scripts/doctor.js", "/proc/zjmall/data");

	expect(status).toBe(1);
	expect(stdout).toMatch(/✗ 数据 data folder +\/proc\/zjmall\/data/);
});

it("is shared by processes of the shop, and had alone by a command only while none of them runs", () => {
	const folder = mkdtempSync(join(tmpdir(), "zjmall-"));
	const holders = [lockDataFolder(folder, "shared"), lockDataFolder(folder, "shared")];

	expect(() => lockDataFolder(folder, "exclusive")).toThrow(`is running (pid ${process.pid})`);
	for (const holder of holders) holder.release();
	const alone = lockDataFolder(folder, "exclusive");
	expect(() => lockDataFolder(folder, "shared")).toThrow(FolderInUseError);
	alone.release();
	lockDataFolder(folder, "shared").release();
	rmSync(folder, { recursive: true });
});

it.each([
	["migrate --status", "scripts/migrate.ts", ["--status"]],
	["check-invariants", "invariants/check-invariants.ts", []],
	["grant", "scripts/grant.ts", ["13800138000", "admin"]],
	["backup", "scripts/backup.ts", [join(tmpdir(), `zjmall-backup-${process.pid}.db`)]]
])("is not created by %s, which says that there is no shop", (_, script, args) => {
	const dataDir = join(tmpdir(), `zjmall-mistyped-${process.pid}`);

	const { status, stderr } = run(script, dataDir, ...args);

	expect([status, stderr]).toEqual([2, expect.stringContaining(`there is no shop in ${dataDir}`)]);
	expect(existsSync(dataDir)).toBe(false);
});

describe("of a running shop", () => {
	let shop: ShopProcess;
	beforeAll(async () => {
		shop = await ShopProcess.start(NO_SERVERS);
	});
	afterAll(() => shop.remove());

	it("may be read by nobody else", () => {
		const modes = ["zjmall.db", "zjmall.db-wal"].map(
			name => statSync(join(shop.dataDir, name)).mode & 0o777
		);

		expect(modes).toEqual([0o600, 0o600]);
	});

	it.each([
		["reset", "scripts/reset.ts", []],
		["migrate", "scripts/migrate.ts", []],
		["seed", "scripts/seed.ts", ["--products", "1"]]
	])("is left alone by %s, which names the process", (_, script, args) => {
		const { status, stderr } = run(script, shop.dataDir, ...args);

		expect([status, stderr]).toEqual([1, expect.stringContaining(`is running (pid ${shop.pid})`)]);
	});

	it("is missed when its file was taken away: the shop is not ready and says why", async () => {
		const file = join(shop.dataDir, "zjmall.db");

		renameSync(file, `${file}.away`);
		const without = await shop.http("GET", "//health/ready");
		renameSync(`${file}.away`, file);
		const again = await shop.http("GET", "//health/ready");

		expect([without.status, without.body.data]).toEqual([503, { missing: ["data file"] }]);
		expect(shop.output).toContain('"code":"DATA_LOST","lost":["data file"]');
		expect(again.status).toBe(200);
	});

	it("is free again after kill -9", async () => {
		await shop.end("SIGKILL");

		const { status, stdout } = run("scripts/reset.ts", shop.dataDir);

		expect([status, stdout]).toEqual([0, expect.stringContaining("deleted")]);
		expect(existsSync(join(shop.dataDir, `running-${shop.pid}`))).toBe(false);
	});
});

it("is created for its owner alone", () => {
	const base = mkdtempSync(join(tmpdir(), "zjmall-"));

	createFolder(join(base, "data"));

	expect(statSync(join(base, "data")).mode & 0o777).toBe(0o700);
	rmSync(base, { recursive: true });
});
