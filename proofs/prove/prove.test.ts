import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ShopProcess } from "../../tests/support/shop-process";
import { ROOT, RUN_TYPESCRIPT } from "../../tests/support/root";

const out = mkdtempSync(join(tmpdir(), "zjmall-proved-"));
afterAll(() => rmSync(out, { recursive: true, force: true }));

async function prove(...args: string[]): Promise<{ code: number; printed: string }> {
	const child = spawn(
		process.execPath,
		[...RUN_TYPESCRIPT, "proofs/prove/main.ts", "--out", out, "--buyers", "4", "--seed", "3", ...args],
		{ cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] }
	);
	let printed = "";
	for (const stream of [child.stdout, child.stderr])
		stream.on("data", (text: Buffer) => (printed += text.toString()));
	const [code] = (await once(child, "close")) as [number];
	return { code, printed };
}

it("ends with 0 and writes a JSON report and a chart when nothing is violated", async () => {
	const { code, printed } = await prove("--minutes", "0.05");

	expect(printed).toContain("I1");
	expect(readdirSync(out).sort()).toEqual(["embedded-3.json", "embedded-3.svg"]);
	const report = JSON.parse(readFileSync(join(out, "embedded-3.json"), "utf8"));
	expect(report).toMatchObject({ mode: "embedded", seed: 3, mutant: null, violations: [] });
	expect(code).toBe(0);
	expect(report.operations.order.ok).toBeGreaterThan(0);
	expect(readFileSync(join(out, "embedded-3.svg"), "utf8")).toMatch(/^<svg [^>]*xmlns=/);
});

it("ends with 1 for a shop that tells nobody of its paid orders", async () => {
	const { code, printed } = await prove("--minutes", "0.05", "--mutant", "fact-forgotten");

	expect(printed).toContain("the orders that were paid took");
	expect(code).toBe(1);
});

it("tests a shop that runs elsewhere", async () => {
	const shop = await ShopProcess.start();
	const mongo = process.env["MONGO_URL"];

	const { code, printed } = await prove("--minutes", "0.05", "--url", shop.url);
	await shop.remove();

	expect(mongo === undefined ? printed : "out of reach").toContain("out of reach");
	expect(code).toBe(0);
});

it("explains why it could not run and ends with 2", async () => {
	const { code, printed } = await prove("--url", "http://127.0.0.1:9");

	expect(printed).toMatch(/prove could not run/);
	expect(code).toBe(2);
});
