import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StockedShop } from "../support/payments/stocked-shop";
import { ROOT, RUN_TYPESCRIPT } from "../support/root";
import { ShopProcess } from "../support/shop-process";
import { Shopper } from "../support/shopper";
import { OtlpReceiver } from "../support/traces/otlp-receiver";
import { listOrphans, listPath, listUnlinked } from "../support/traces/spans";
import { TracedClient } from "../support/traces/traced-client";
import { until } from "../support/until";
import { WebhookReceiver } from "../support/webhook-receiver";

const EMBEDDED = { NATS_URL: "", MONGO_URL: "", REDIS_URL: "" };

let receiver: OtlpReceiver;
let endpoint: WebhookReceiver;
let shop: ShopProcess;
beforeAll(async () => {
	receiver = await OtlpReceiver.start();
	endpoint = await WebhookReceiver.start();
	shop = await ShopProcess.start({
		...EMBEDDED,
		LOG_LEVEL: "info",
		WEBHOOKS_ALLOW_PRIVATE: "on",
		OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
		OTEL_BSP_SCHEDULE_DELAY: "100"
	});
});
afterAll(async () => {
	await shop.remove();
	await endpoint.stop();
	await receiver.stop();
});

it("sends a whole checkout as one trace, and nothing secret or personal, nor sweeps", async () => {
	const stocked = await StockedShop.at(shop);
	const addressId = await stocked.shopper.address();
	await stocked.staff.mustSend("POST", "/admin/webhooks", { url: endpoint.url, topics: ["order.paid"] });
	const client = new TracedClient(shop.url);
	const shopper = new Shopper(client, stocked.shopper.token, addressId);

	const order = await shopper.order(stocked.skuId);
	const payment = await shopper.createPayment(order.id, "wechat");
	await shopper.payAtChannel(payment.paymentNo);
	await shopper.send("GET", "/orders/none?secret=13900000000");
	const listTrace = () => receiver.spans.filter(({ traceId }) => traceId === client.traceId);
	await until("the fact to be handled and delivered", () =>
		["process order.paid", "deliver order.paid"].every(awaited =>
			listTrace().some(({ name }) => name === awaited)
		)
	);
	const refused = await until("the line of the refusal", () =>
		shop.output.split("\n").find(line => line.includes('"route":"GET /api/v1/orders/:id"'))
	);
	await shop.end("SIGTERM"); // sends what is left

	const spans = listTrace();
	expect(listOrphans(spans, client.spanId)).toEqual([]);
	expect(listUnlinked(spans)).toEqual([]);
	expect(listPath(spans, "insert orders")).toEqual([
		"insert orders",
		"orders.create",
		"POST /api/v1/orders"
	]);
	const inOrder = spans.filter(({ attributes }) => attributes["zjmall.order.id"] === order.id);
	expect(inOrder.map(({ name }) => name)).toEqual(
		expect.arrayContaining(["orders.create", "payments.create", "process order.paid"])
	);
	expect(listPath(spans, "process order.paid")).toEqual([
		"process order.paid",
		"process payment.succeeded",
		"payments.notifyWechat",
		"POST /api/v1/payments/notify/wechat",
		"POST",
		"sandbox.pay",
		"POST /api/v1/sandbox/payments/:paymentNo/pay"
	]);
	expect(listPath(spans, "deliver order.paid").slice(1)).toEqual(
		listPath(spans, "process order.paid").slice(1)
	);
	const posted = spans.find(
		({ attributes }) => attributes["server.port"] === Number(new URL(endpoint.url).port)
	);
	expect(endpoint.received[0]?.headers["traceparent"]).toBe(`00-${client.traceId}-${posted?.id}-01`);
	const begun = receiver.spans.filter(({ parentId }) => parentId === "");
	expect(begun.filter(({ kind }) => kind !== "server").map(({ name }) => name)).toEqual([]);
	expect(JSON.parse(refused)).toMatchObject({ trace_id: client.traceId, errorCode: "VALIDATION_ERROR" });
	for (const secret of ["13900000000", "13800000000", stocked.shopper.token, "secret=", "文三路", "/hook"])
		expect(receiver.text).not.toContain(secret);
});

it("is not even loaded without OTEL_EXPORTER_OTLP_ENDPOINT", () => {
	const dataDir = mkdtempSync(join(tmpdir(), "zjmall-"));
	const script = `require("./moleculer.config");
		process.stdout.write(String(Object.keys(require.cache).filter(path => /@opentelemetry.(?!api.)/.test(path)).length))`;
	const countLoaded = (endpoint: string) => {
		const env = { ...process.env, ...EMBEDDED, DATA_DIR: dataDir, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint };
		const ran = spawnSync(process.execPath, [...RUN_TYPESCRIPT, "-e", script], { cwd: ROOT, env });
		return Number(ran.stdout.toString());
	};
	const [off, on] = ["", "http://127.0.0.1:4318"].map(countLoaded);
	rmSync(dataDir, { recursive: true });

	expect(off).toBe(0); // but for the bare API, of which prom-client has a use
	expect(on).toBeGreaterThan(20);
});
