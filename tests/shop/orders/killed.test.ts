import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as BackendsModule from "../../../infrastructure/backends";
import { INVARIANTS } from "../../../invariants/invariants";
import { startShop } from "../../support/shop";
import { until } from "../../support/until";
import { ROOT, RUN_TYPESCRIPT } from "../../support/root";

const COLLECTIONS = ["orders", "stock", "stock_reservations", "payments", "refunds", "products", "users"];
const quiet = { info() {}, warn() {}, error() {}, debug() {} };

/** Runs the busy shop in a process of its own and kills it `ms` after its customers have placed so many orders. */
async function runAndKill(orders: number, ms: number, dataDir: string, phone: string): Promise<void> {
	const child = spawn(
		process.execPath,
		[...RUN_TYPESCRIPT, join(ROOT, "tests/support/busy-shop.ts"), dataDir, phone],
		{ stdio: ["ignore", "pipe", "inherit"], env: { ...process.env } }
	);
	const gone = once(child, "exit");
	let printed = "";
	child.stdout.on("data", (text: Buffer) => (printed += text.toString()));
	await until("the orders", () => printed.split("order\n").length > orders, 60_000, 10);
	await new Promise(resolve => setTimeout(resolve, ms));
	expect(child.kill("SIGKILL")).toBe(true);
	await gone;
}

it("has lost and doubled nothing after three kills during trade", async () => {
	const dataDir = mkdtempSync(join(tmpdir(), "zjmall-killed-"));
	for (const [n, ms] of [0, 30, 70].entries())
		await runAndKill(3 + 2 * n, ms, dataDir, String(13_300_000_000 + n * 10));

	const shop = await startShop({ DATA_DIR: dataDir });
	const { backends } = require("../../../infrastructure/backends") as typeof BackendsModule;
	const violations = async () => {
		const context = {
			collection: backends.collection,
			facts: backends.facts(quiet),
			outboxCollections: COLLECTIONS,
			now: new Date(Date.now() + 150_000) // past every grace period: nothing may be under way any more
		};
		const found = await Promise.all(
			INVARIANTS.map(async i => (await i.violations(context)).map(v => `${i.name} ${v}`))
		);
		return found.flat();
	};
	let left: string[] = [];
	const areGone = async () => (left = await violations()).length === 0;
	await until("the sweeps to finish", areGone, 60_000, 500).catch(() => undefined);
	const orders = await backends.collection("orders").count({});
	await shop.stop();

	expect(left).toEqual([]);
	expect(orders).toBeGreaterThan(5);
});
