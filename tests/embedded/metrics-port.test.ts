import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFreePort } from "../../scripts/servers/local";
import { ROOT, RUN_TYPESCRIPT } from "../support/root";
import { ShopProcess } from "../support/shop-process";

const EMBEDDED = { NATS_URL: "", MONGO_URL: "", REDIS_URL: "" };

it("serves the metrics of a process without a gateway, business counters from 0 on", async () => {
	const port = await findFreePort();
	const shop = await ShopProcess.start(
		{ ...EMBEDDED, METRICS_PORT: String(port) },
		{ services: ["--except", "api"] }
	);
	const get = (path: string, method = "GET") => fetch(`http://127.0.0.1:${port}${path}`, { method });

	const metrics = await get("/metrics");
	const elsewhere = await get("/");
	const posted = await get("/metrics", "POST");
	const text = await metrics.text();
	const stopped = await shop.end("SIGTERM");
	await shop.remove();

	expect([metrics.status, metrics.headers.get("Content-Type")]).toEqual([
		200,
		"text/plain; version=0.0.4; charset=utf-8"
	]);
	expect(text).toMatch(
		/^mall_payment_notifications_unmatched_total\{.*channel="alipay".*reason="signature".*\} 0$/m
	);
	expect(text).toMatch(/^moleculer_/m);
	expect([elsewhere.status, posted.status, stopped]).toEqual([404, 404, 0]);
});

it("is refused without PUBLIC_URL where no gateway of its own tells its address", () => {
	const dataDir = mkdtempSync(join(tmpdir(), "zjmall-"));
	const { status, stdout, stderr } = spawnSync(
		process.execPath,
		[...RUN_TYPESCRIPT, "main.ts", "payments", "orders"],
		{
			cwd: ROOT,
			encoding: "utf8",
			env: { ...process.env, ...EMBEDDED, DATA_DIR: dataDir, PUBLIC_URL: "" }
		}
	);
	rmSync(dataDir, { recursive: true });

	expect([status, stdout]).toEqual([1, ""]);
	expect(stderr).toMatch(/^PUBLIC_URL .* \/ PUBLIC_URL must be set: .* payments, .*\n$/);
});

describe("a start is refused with one line for a METRICS_PORT", () => {
	const dataDir = mkdtempSync(join(tmpdir(), "zjmall-"));
	afterAll(() => rmSync(dataDir, { recursive: true }));
	const start = (env: Record<string, string>) => {
		const { status, stderr } = spawnSync(process.execPath, [...RUN_TYPESCRIPT, "main.ts"], {
			cwd: ROOT,
			encoding: "utf8",
			timeout: 120_000,
			env: { ...process.env, ...EMBEDDED, NODE_ENV: "test", DATA_DIR: dataDir, PORT: "0", ...env }
		});
		return [status, stderr.trim().split("\n")];
	};

	it("that another program has", async () => {
		const other = createServer().listen(0, "127.0.0.1");
		await once(other, "listening");
		const { port } = other.address() as AddressInfo;

		const refused = start({ METRICS_PORT: String(port) });

		other.close();
		expect(refused).toEqual([1, [expect.stringContaining(`port ${port} can't be used (EADDRINUSE)`)]]);
	});

	it.each(["none", "0", "65536", "9464.5"])("that is none: %s", METRICS_PORT => {
		expect(start({ METRICS_PORT })).toEqual([
			1,
			[expect.stringContaining("METRICS_PORT must be a whole number from 1 to 65535")]
		]);
	});

	it("that is the gateway's own", async () => {
		const port = String(await findFreePort());

		expect(start({ PORT: port, METRICS_PORT: port })).toEqual([
			1,
			[expect.stringContaining("METRICS_PORT must differ from PORT")]
		]);
	});
});
