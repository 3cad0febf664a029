import { execFile } from "node:child_process";
import {
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	truncateSync,
	writeFileSync
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { BadBackupError, backUpDatabase, readBackup } from "../../infrastructure/sqlite-backup";
import { beijingDay } from "../../schemas/values/beijing-day";
import { startShopProcessWithChannels } from "../support/payments/shop-with-channels";
import type { Data } from "../support/payments/stocked-shop";
import { ROOT, RUN_TYPESCRIPT } from "../support/root";
import { until } from "../support/until";

const NO_SERVERS = { NATS_URL: "", MONGO_URL: "", REDIS_URL: "" };
const folder = mkdtempSync(join(tmpdir(), "zjmall-backup-"));
const backup = join(folder, "backup.db");
let channelServer: Awaited<ReturnType<typeof startShopProcessWithChannels>>["channelServer"];
let stocked: Awaited<ReturnType<typeof startShopProcessWithChannels>>["stockedShop"];
let close: () => Promise<void>;
beforeAll(async () => {
	({ channelServer, stockedShop: stocked, close } = await startShopProcessWithChannels(NO_SERVERS));
});
afterAll(async () => {
	await close();
	rmSync(folder, { recursive: true });
});

const run = (script: string, ...args: string[]) =>
	new Promise<{ status: number; stdout: string; stderr: string }>(resolve => {
		const env = { ...process.env, ...NO_SERVERS, ...channelServer.env };
		execFile(
			process.execPath,
			[...RUN_TYPESCRIPT, script, ...args],
			{ cwd: ROOT, env: { ...env, NODE_ENV: "test", DATA_DIR: stocked.shop.dataDir } },
			(err, stdout, stderr) => resolve({ status: Number(err?.code ?? 0), stdout, stderr })
		);
	});

/** An order and its payment at the channel. */
async function beginPayment(): Promise<{ order: Data; payment: Data }> {
	const order = await stocked.placeOrder();
	return { order, payment: await stocked.shopper.createPayment(order.id, "wechat") };
}
async function pay(): Promise<{ order: Data; payment: Data }> {
	const begun = await beginPayment();
	await channelServer.takePayment(begun.payment);
	await stocked.waitForOrder(begun.order.id, "paid");
	return begun;
}

it("brings a killed shop back to its backup, and lists what happened since", async () => {
	const before = await pay();
	const between = await beginPayment();
	const made = await run("scripts/backup.ts", backup);
	const again = await run("scripts/backup.ts", backup);
	await channelServer.takePayment(between.payment, { notify: false });
	const after = await pay();
	const whileRunning = await run("scripts/restore.ts", backup);
	await stocked.shop.end("SIGKILL");

	const restored = await run("scripts/restore.ts", backup);
	await stocked.shop.start();

	expect([made.status, made.stdout]).toEqual([
		0,
		expect.stringContaining(`backed up and checked: ${backup}`)
	]);
	expect([again.status, again.stderr]).toEqual([1, expect.stringContaining("is not overwritten")]);
	expect([whileRunning.status, whileRunning.stderr]).toEqual([
		1,
		expect.stringContaining("is running (pid")
	]);
	expect([restored.status, restored.stderr]).toEqual([0, ""]);
	expect(restored.stdout).toContain("lost: 1 订单 orders, 0 包裹 parcels");
	expect(restored.stdout).toContain(`payment ${after.payment.paymentNo} wechat 1000 分 fen, succeeded`);
	expect(restored.stdout).toContain(`reconciliation?date=${beijingDay(new Date())}`);

	const { shopper, staff } = stocked;
	expect(await shopper.mustSend("GET", `/orders/${before.order.id}`)).toMatchObject({ status: "paid" });
	await stocked.waitForOrder(between.order.id, "paid"); // as the channel says when it is asked
	const { token } = shopper;
	expect((await stocked.shop.http("GET", `/orders/${after.order.id}`, { token })).status).toBe(404);
	const { theirsOnly } = await staff.mustSend(
		"GET",
		`/admin/payments/reconciliation?date=${beijingDay(new Date())}&again=true`
	);
	expect(theirsOnly).toMatchObject([{ channel: "wechat", paymentNo: after.payment.paymentNo }]);
	await pay();
	await until(
		"the invariants to hold",
		async () => (await run("invariants/check-invariants.ts", "--full")).status === 0
	);
});

describe("a file", () => {
	const reasonFor = (file: string) => {
		try {
			readBackup(file);
			return "";
		} catch (err) {
			return err instanceof BadBackupError ? err.message : String(err);
		}
	};

	it("is a backup only if it is a whole one of a shop", () => {
		const foreign = join(folder, "foreign.db");
		new DatabaseSync(foreign).exec("CREATE TABLE notes (id INTEGER)");
		const text = join(folder, "text.db");
		writeFileSync(text, "no database at all".repeat(100));
		const cut = join(folder, "cut.db");
		writeFileSync(cut, readFileSync(backup));
		truncateSync(cut, Math.floor(statSync(cut).size / 2 / 4096) * 4096);

		expect(reasonFor(backup)).toBe("");
		expect(reasonFor(join(folder, "none.db"))).toContain("there is no file");
		expect(reasonFor(foreign)).toContain("holds no data of a shop");
		expect(reasonFor(text)).toContain("is damaged");
		expect(reasonFor(cut)).toContain("is damaged");
	});

	it("that was not written to its end has not the name of a backup", () => {
		const target = join(folder, "none/there.db");

		expect(() => backUpDatabase(stocked.shop.dataDir, target)).toThrow();
		expect(readdirSync(folder)).not.toContain("none");
	});
});
