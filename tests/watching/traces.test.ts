import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFreePort, startNats, type Server } from "../../scripts/servers/local";
import { startJaeger, type Jaeger } from "../../scripts/servers/observers";
import { StockedShop } from "../support/payments/stocked-shop";
import { ShopProcess } from "../support/shop-process";
import { Shopper } from "../support/shopper";
import { readTrace } from "../support/traces/jaeger-client";
import { formatTree, listOrphans, listPath, listUnlinked } from "../support/traces/spans";
import { TracedClient } from "../support/traces/traced-client";
import { until } from "../support/until";

const TRADE = ["orders", "payments", "inventory", "promotions", "carts", "idempotency"];
const EVERYTHING = { TRACES_DECIDED_AFTER: "1s", TRACES_KEPT_PERCENT: "100" };
/** Keeps errors alone, however slow the machine is. */
const ERRORS = { TRACES_DECIDED_AFTER: "3s", TRACES_KEPT_PERCENT: "0", TRACES_SLOW_MS: "600000" };

let nats: Server;
const jaegers: Jaeger[] = [];
let dataDir: string;
let processes: ShopProcess[] = [];
let trade: ShopProcess;
let gateway: ShopProcess;
/** A gateway whose traces go to the Jaeger that keeps errors alone. */
let keepsErrors: ShopProcess;
let stocked: StockedShop;
beforeAll(async () => {
	nats = await startNats();
	for (const policies of [EVERYTHING, ERRORS]) jaegers.push(await startJaeger(policies));
	dataDir = mkdtempSync(join(tmpdir(), "zjmall-traces-"));
	const env = {
		NATS_URL: nats.url,
		MONGO_URL: "",
		REDIS_URL: "",
		OTEL_EXPORTER_OTLP_ENDPOINT: jaegers[0]?.otlpUrl ?? "",
		OTEL_BSP_SCHEDULE_DELAY: "100"
	};
	const port = await findFreePort();
	const PUBLIC_URL = `http://127.0.0.1:${port}`;
	const start = (NODE_ID: string, services: readonly string[], more: object = {}, place: object = {}) =>
		ShopProcess.start({ ...env, PUBLIC_URL, NODE_ID, ...more }, { services, dataDir, ...place });
	processes = await Promise.all([
		start("others", ["--except", "api", ...TRADE]), // all at once: services wait for each other
		start("trade", TRADE),
		start("gateway", ["api"], {}, { port }),
		start("second-gateway", ["api"], { OTEL_EXPORTER_OTLP_ENDPOINT: jaegers[1]?.otlpUrl ?? "" })
	]);
	[, trade, gateway, keepsErrors] = processes as [ShopProcess, ShopProcess, ShopProcess, ShopProcess];
	await until(
		"the gateway to see every service",
		async () => (await gateway.http("GET", "//health/ready")).status === 200
	);
	stocked = await StockedShop.at(gateway);
});
afterAll(async () => {
	for (const shop of processes) await shop.remove();
	for (const { server } of jaegers) await server.stop();
	await nats.stop();
	rmSync(dataDir, { recursive: true, force: true });
});

it("shows a checkout in three processes over NATS as one tree, with its facts linked", async () => {
	const addressId = await stocked.shopper.address();
	const client = new TracedClient(gateway.url);
	const shopper = new Shopper(client, stocked.shopper.token, addressId);

	const order = await shopper.order(stocked.skuId);
	const payment = await shopper.createPayment(order.id, "alipay");
	await shopper.payAtChannel(payment.paymentNo);
	await stocked.waitForOrder(order.id, "paid");
	const read = () => readTrace(jaegers[0]?.queryUrl ?? "", client.traceId);
	const awaited = ["process order.created", "process order.paid"];
	const spans = await until("the spans at Jaeger", async () => {
		const found = await read();
		const complete =
			awaited.every(name => found.some(span => span.name === name)) &&
			listOrphans(found, client.spanId).length === 0;
		return complete ? found : null;
	});

	process.stdout.write(formatTree(spans, client.spanId));
	expect([...new Set(spans.map(span => span.process))].toSorted()).toEqual(["gateway", "others", "trade"]);
	expect(listUnlinked(spans)).toEqual([]);
	expect(listPath(spans, "insert orders")).toEqual([
		"insert orders",
		"orders.create",
		"orders.create",
		"POST /api/v1/orders"
	]);
	expect(listPath(spans, "process order.paid").at(-1)).toBe("POST /api/v1/sandbox/payments/:paymentNo/pay");
	const kinds = new Set(spans.map(({ kind }) => kind));
	expect([...kinds].toSorted()).toEqual(["client", "consumer", "internal", "server"]);
});

it("keeps the traces of failed requests, and drops the others where none of them is to be kept", async () => {
	const { queryUrl = "" } = jaegers[1] ?? {};
	const [fine, failing] = [new TracedClient(keepsErrors.url), new TracedClient(keepsErrors.url)];

	expect((await fine.http("GET", "/promotions")).status).toBe(200);
	await trade.end("SIGKILL"); // the process with the promotions
	expect((await failing.http("GET", "/promotions?page=2")).status).toBeGreaterThanOrEqual(503);
	const kept = await until("the trace of the failure", async () => {
		const spans = await readTrace(queryUrl, failing.traceId);
		return spans.length > 0 ? spans : null;
	});

	expect(kept.find(({ kind }) => kind === "server")?.name).toBe("GET /api/v1/promotions");
	expect(await readTrace(queryUrl, fine.traceId)).toEqual([]); // it came first, and so was decided first
});
