import { mkdtempSync, rmSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { findFreePort } from "../scripts/servers/local";
import { readData, sendImport } from "../scripts/product-files/staff-session";
import { until } from "../tests/support/until";
import type { ImportResult } from "../schemas/product-files.contract";
import { Child } from "./child";

/**
 * Imports a file of products into an empty shop, exports it, and imports the export again: time, memory beyond that of the idle
 * shop, and the longest time for which the shop's event loop served nobody else. Run by
 * `npm run bench:product-files [-- rows]`; by default 100,000 rows, two of each product.
 */
const rows = Number(process.argv[2] ?? 100_000);
const ADMIN = { phone: "13800000000", password: "Mall-admin-1" };
const SAMPLE_MS = 100;

const MiB = (bytes: number) => (bytes / 2 ** 20).toFixed(0);

function writeRows(category: string, count: number): string {
	const lines = ["product,category,skuCode,price,description,spec:产地,sale:颜色"];
	for (let i = 0; i < count; i++) {
		const n = i >> 1;
		const colour = i % 2 ? "黑" : "白";
		lines.push(
			`压测商品 ${n},${category},BENCH-${i},${10 + (i % 90)}.50,${"一段不长的说明。".repeat(4)},杭州,${colour}`
		);
	}
	return lines.join("\r\n");
}

async function measure<T>(shop: Child, work: () => Promise<T>) {
	const idle = await shop.ask("memory");
	let most = idle;
	const ended = new AbortController();
	const sampling = (async () => {
		for (; !ended.signal.aborted; await pause(SAMPLE_MS)) most = Math.max(most, await shop.ask("memory"));
	})();
	await shop.ask("watch");
	const cpu = await shop.ask("cpuMs");
	const start = performance.now();
	const result = await work();
	ended.abort();
	await sampling;
	const figures = {
		s: ((performance.now() - start) / 1000).toFixed(1),
		"CPU s": (((await shop.ask("cpuMs")) - cpu) / 1000).toFixed(1),
		"longest stretch ms": (await shop.ask("longestStretch")).toFixed(1),
		"of CPU ms": (await shop.ask("longestCpuStretch")).toFixed(1),
		"MiB before": MiB(idle),
		"MiB more": MiB(most - idle)
	};
	return { result, figures };
}

async function main(): Promise<void> {
	const dataDir = mkdtempSync(join(tmpdir(), "zjmall-bench-"));
	const port = await findFreePort();
	const shop = Child.start("main.ts", {
		DATA_DIR: dataDir,
		MALL_NAMESPACE: basename(dataDir),
		HOST: "127.0.0.1",
		PORT: String(port),
		LOG_LEVEL: "warn",
		DEMO_ORDERS: "off"
	});
	const base = `http://127.0.0.1:${port}/api/v1`;
	try {
		await until(
			"the shop to answer",
			async () => {
				shop.assertAlive();
				return (await fetch(`${base}/categories`).catch(() => null))?.ok;
			},
			120_000
		);
		// A busy machine may refuse the first one.
		const accessToken = await until("the log-in", async () => {
			const reply = await fetch(`${base}/auth/login`, {
				method: "POST",
				headers: { "Content-Type": "application/json" },
				body: JSON.stringify(ADMIN)
			});
			return reply.ok && (await readData<{ accessToken: string }>(reply)).accessToken;
		});
		const headers = { Authorization: `Bearer ${accessToken}` };
		type Node = { name: string; children: Node[] };
		const tree = await readData<Node[]>(await fetch(`${base}/categories`));
		const path: string[] = [];
		for (let node = tree[0]; node; node = node.children[0]) path.push(node.name);

		const importText = async (text: string | Blob) => {
			const form = new FormData();
			form.set("file", new Blob([text]), "products.csv");
			const reply = await sendImport(() =>
				fetch(`${base}/admin/products/import`, { method: "POST", headers, body: form })
			);
			const { errors, ...counts } = await readData<ImportResult>(reply);
			return { ...counts, error: errors[0] };
		};
		const exportText = async () => (await fetch(`${base}/admin/products/export`, { headers })).blob();

		await importText(writeRows(path.join("/"), 10)); // loads the code
		const imported = await measure(shop, () => importText(writeRows(path.join("/"), rows)));
		const exported = await measure(shop, exportText);
		const again = await measure(shop, () => importText(exported.result));
		console.table({ import: imported.figures, export: exported.figures, "import again": again.figures });
		console.log(imported.result, again.result);
	} finally {
		await shop.end();
		rmSync(dataDir, { recursive: true, force: true });
	}
}

void main();
