import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFolder } from "../../infrastructure/sqlite-file";
import { ROOT, RUN_TYPESCRIPT } from "../support/root";

const NO_SERVERS = { NATS_URL: "", MONGO_URL: "", REDIS_URL: "" };
const run = (script: string, dataDir: string) =>
	spawnSync(process.execPath, [...RUN_TYPESCRIPT, script], {
		cwd: ROOT,
		encoding: "utf8",
		timeout: 25_000,
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
	const { status, stdout } = run("scripts/doctor.ts", "/proc/zjmall/data");

	expect(status).toBe(1);
	expect(stdout).toMatch(/✗ data folder +\/proc\/zjmall\/data/);
});
