import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Server } from "../../scripts/servers/local";
import { spawnCollector, startVictoriaLogs } from "../../scripts/servers/observers";
import { StockedShop } from "../support/payments/stocked-shop";
import { ShopProcess } from "../support/shop-process";
import { until } from "../support/until";

const EMBEDDED = { NATS_URL: "", MONGO_URL: "", REDIS_URL: "" };

let shop: ShopProcess;
let store: Server;
let dir: string;
let collector: ChildProcess | undefined;
let shipped = 0;
beforeAll(async () => {
	dir = mkdtempSync(join(tmpdir(), "zjmall-logs-"));
	for (const folder of ["container", "state"]) mkdirSync(join(dir, folder));
	store = await startVictoriaLogs();
	shop = await ShopProcess.start({ ...EMBEDDED, LOG_LEVEL: "info", ACCESS_LOG: "on" });
});
afterAll(async () => {
	await end();
	await shop.remove();
	await store.stop();
	rmSync(dir, { recursive: true, force: true });
});

const start = () =>
	(collector = spawnCollector({
		LOG_STATE: join(dir, "state"),
		LOG_FILES: join(dir, "container/*-json.log"),
		LOGS_ENDPOINT: `${store.url}/insert/opentelemetry/v1/logs`
	}));
/** Ends the collector as a crash would. */
async function end(): Promise<void> {
	if (!collector || collector.exitCode !== null || collector.signalCode !== null) return;
	const ended = once(collector, "exit");
	collector.kill("SIGKILL");
	await ended;
}

/** Writes what the shop has printed since the last call as Docker stores it. */
function storeLikeDocker(): void {
	const lines = shop.output.split("\n").slice(0, -1);
	const entries = lines.slice(shipped).map(line => {
		const entry = { log: `${line}\n`, stream: "stdout", time: new Date().toISOString() };
		return `${JSON.stringify(entry)}\n`;
	});
	shipped = lines.length;
	appendFileSync(join(dir, "container/shop-json.log"), entries.join(""));
}

/** The lines of the shop that the store has with all of these words, and the label of the service. */
async function find(...words: readonly string[]): Promise<Record<string, unknown>[]> {
	const query = [`{service.name="zjmall"}`, ...words.map(word => JSON.stringify(word))].join(" ");
	const response = await fetch(
		`${store.url}/select/logsql/query?${new URLSearchParams({ query }).toString()}`
	);
	const found = (await response.text()).split("\n").filter(Boolean);
	return found.map(line => JSON.parse(JSON.parse(line)._msg) as Record<string, unknown>);
}

it("ships every line once and as it is, also over a crash of the collector, to be found by request and by order", async () => {
	const stocked = await StockedShop.at(shop);
	const order = await stocked.placeOrder();
	const refused = await shop.http("GET", "/orders/none", { token: stocked.shopper.token });
	const { requestId } = refused.body;
	await until("the line of the refusal", () => shop.output.includes(requestId));
	storeLikeDocker();
	start();
	await until("the refusal to be stored", async () => (await find(requestId)).length > 0);
	await end();
	const cancelled = await stocked.shopper.send("POST", `/orders/${order.id}/cancel`, { reason: "no" });
	await until("the line of the cancellation", () => shop.output.includes(cancelled.body.requestId));
	storeLikeDocker();
	start();
	await until(
		"the cancellation to be stored",
		async () => (await find(cancelled.body.requestId)).length > 0
	);

	expect(await find(requestId)).toEqual([
		expect.objectContaining({ level: 30, requestId, errorCode: "NOT_FOUND", status: 404 })
	]);
	const ofOrder = await find(order.id, "A request was answered");
	expect(ofOrder.map(({ route }) => route).toSorted()).toEqual([
		"POST /api/v1/orders",
		"POST /api/v1/orders/:id/cancel"
	]);
	expect(await find("zjMall")).toEqual([]); // the banner is no line of the log
});
