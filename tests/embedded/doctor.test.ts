import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFreePort } from "../../scripts/servers/local";
import { ROOT } from "../support/root";

const folder = mkdtempSync(join(tmpdir(), "zjmall-doctor-"));
const dataDir = join(folder, "data");
afterAll(() => rmSync(folder, { recursive: true }));

function askDoctor(root: string, env: Readonly<Record<string, string>> = {}) {
	const { status, stdout } = spawnSync(process.execPath, [join(root, "scripts/doctor.js")], {
		cwd: root,
		encoding: "utf8",
		env: { PATH: process.env["PATH"], HOME: folder, DATA_DIR: dataDir, PORT: "0", ...env }
	});
	return { status, lines: stdout.split("\n") };
}

it("finds a healthy checkout healthy, and makes no data folder", () => {
	const { status, lines } = askDoctor(ROOT);

	expect([status, lines.filter(line => line.startsWith("✗"))]).toEqual([0, []]);
	expect(existsSync(dataDir)).toBe(false);
});

it("asks the servers that the settings name", async () => {
	const host = `127.0.0.1:${await findFreePort()}`;

	const { status, lines } = askDoctor(ROOT, { REDIS_URL: `redis://${host}` });

	expect([status, lines.join("\n")]).toEqual([
		1,
		expect.stringMatching(`✗ Redis +${host}: .*ECONNREFUSED`)
	]);
});

it("checks the settings as the start does", () => {
	const { status, lines } = askDoctor(ROOT, { JWT_SECRET: "short" });

	expect([status, lines.join("\n")]).toEqual([
		1,
		expect.stringContaining("JWT_SECRET must have at least 32")
	]);
});

it("works before anything is installed", () => {
	const bare = join(folder, "bare");
	mkdirSync(bare);
	for (const file of ["package.json", "scripts/doctor.js", "scripts/needed-node.js"])
		cpSync(join(ROOT, file), join(bare, file));

	const { status, lines } = askDoctor(bare);

	expect(status).toBe(1);
	expect(lines).toContainEqual(expect.stringMatching(/^✗ 依赖 packages .*moleculer/));
	expect(lines).toContainEqual(expect.stringMatching(/^– 设置 settings/));
});
