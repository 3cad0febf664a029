import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Errors } from "moleculer";
import type { InventoryContext } from "../../../services/inventory/inventory.context";
import { aSku, StaffClient, unique } from "../../support/builders";
import { ShopProcess } from "../../support/shop-process";
import { Shopper } from "../../support/shopper";
import { until } from "../../support/until";
import { PayingShop } from "../../support/payments/paying-shop";
import { preload } from "../../../proofs/prove/target";
import { formatStep, findPositions, readTrace, waitForTrace } from "../../support/trace-steps";

let payingShop: PayingShop;
beforeAll(async () => {
	payingShop = await PayingShop.start();
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => payingShop.shop.stop());

const traced = (ref: string, ...wanted: string[]) => waitForTrace(payingShop.staff, ref, ...wanted);
const reservations = () => (payingShop.getService("inventory") as unknown as InventoryContext).reservations;
/** Expects these steps in this order. */
function inOrder(found: number[]): void {
	expect(found).not.toContain(-1);
	expect(found).toEqual(found.toSorted((a, b) => a - b));
}

it("shows each attempt of a retried call with its error, node and time", async () => {
	const away = new Errors.MoleculerRetryableError("The store is away", 503, "SERVICE_UNAVAILABLE");
	jest.spyOn(reservations(), "insertOnce").mockRejectedValueOnce(away).mockRejectedValueOnce(away);
	const order = await payingShop.placeOrder();

	const steps = await traced(order.id, "inventory inventory.reserve ok");

	const tries = steps.filter(({ step }) => step === "inventory.reserve");
	expect(tries.map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
		[1, "SERVICE_UNAVAILABLE"],
		[2, "SERVICE_UNAVAILABLE"],
		[3, "ok"]
	]);
	expect(new Set(tries.map(({ node }) => node))).toEqual(new Set([payingShop.shop.broker.nodeID]));
	const placing = steps.find(({ step }) => step === "orders.create");
	expect(placing?.ms).toBeGreaterThanOrEqual(tries.reduce((sum, { ms }) => sum + ms, 0));
});

it("shows an order that lost the last unit to a faster buyer, and its missing units", async () => {
	const { skus } = await payingShop.staff.addProductOnShelf({ skus: [aSku()] });
	const lastId: string = skus[0].id;
	await payingShop.staff.addStock(lastId, 1);
	const addressId = await payingShop.shopper.address();
	const insertOnce = reservations().insertOnce.bind(reservations());
	let slower = "";
	jest.spyOn(reservations(), "insertOnce").mockImplementationOnce(async (draft, key) => {
		slower = draft._id;
		await payingShop.shopper.order(lastId);
		return insertOnce(draft, key);
	});
	const items = [payingShop.skuId, lastId].map(skuId => ({ skuId, quantity: 1 }));
	const { body } = await payingShop.shopper.send("POST", "/orders", { items, addressId }, unique("order-"));

	const steps = await traced(slower, "orders orders.create OUT_OF_STOCK");

	expect(body.code).toBe("OUT_OF_STOCK");
	const story = findPositions(
		steps,
		"orders status written creating",
		"inventory inventory.reserve OUT_OF_STOCK",
		"orders status failed failed: OUT_OF_STOCK"
	);
	inOrder(story);
	expect(steps.map(formatStep)).toContain(`inventory reservation refused, 0 of 1 of ${lastId}`);
	expect(await readTrace(payingShop.staff, body.requestId)).toEqual(steps);
});

it("shows a payment for a cancelled order that was refused and refunded", async () => {
	const order = await payingShop.placeOrder();
	const { paymentNo } = await payingShop.shopper.createPayment(order.id, "alipay");
	await payingShop.shopper.payAtChannel(paymentNo, "never");
	await payingShop.shopper.mustSend("POST", `/orders/${order.id}/cancel`, { reason: "changed my mind" });

	const steps = await traced(
		order.id,
		"payments published payment.succeeded ok",
		"orders handled payment.succeeded ok",
		"orders published order.payment_refused ok",
		"payments handled order.payment_refused ok",
		`payments refund begun 1000 fen, R_${paymentNo}_UNCLAIMED: succeeded`,
		"payments published payment.refunded ok",
		"orders handled payment.refunded ok"
	);

	const story = findPositions(
		steps,
		"orders status cancelled cancelled: changed my mind",
		"orders published order.payment_refused ok",
		"orders handled payment.refunded ok"
	);
	inOrder(story);
	expect(
		steps.every(({ step, node }) => step !== "handled" || node === payingShop.shop.broker.nodeID)
	).toBe(true);
});

const started: ShopProcess[] = [];
afterAll(async () => {
	for (const shop of started) await shop.remove();
});

it("shows an order whose process died half-way, and the steps that another node undid", async () => {
	const points = mkdtempSync(join(tmpdir(), "zjmall-points-"));
	const first = await ShopProcess.start({
		...preload("crash/load.js"),
		CRASH_FOLDER: points,
		NODE_ID: "first"
	});
	started.push(first);
	const before = new StaffClient(first, await first.asAdmin());
	await before.mustSend("PUT", "/admin/config/orders.creatingTimeout", { value: 5 });
	const { skus } = await before.addProductOnShelf({ skus: [aSku()] });
	const skuId: string = skus[0].id;
	await before.addStock(skuId, 5);
	const buyer = new Shopper(first, await first.asUser());
	await buyer.address();
	writeFileSync(join(points, "requested"), "after call inventory.reserve");
	process.kill(first.pid, "SIGUSR2");
	await until("the shop to know where to die", () => existsSync(join(points, "acknowledged")));

	await expect(buyer.tryOrder(skuId)).rejects.toThrow();
	await until("it to be dead", () => !first.alive);
	const next = await ShopProcess.start({ NODE_ID: "next" }, { dataDir: first.dataDir });
	started.push(next);
	const staff = new StaffClient(next, await next.asAdmin());
	const { orderId } = await until("what it held in the ledger", async () =>
		(await staff.mustSend("GET", `/admin/inventory/${skuId}/log`)).items.find(
			({ type }: { type: string }) => type === "reserve"
		)
	);
	const steps = await waitForTrace(
		staff,
		orderId,
		"inventory inventory.release ok",
		"orders status failed failed: not finished in time"
	);
	rmSync(points, { recursive: true });

	const story = findPositions(
		steps,
		"orders status written creating",
		`inventory stock reserve 1 of ${skuId}`,
		`inventory stock release 1 of ${skuId}`
	);
	inOrder(story);
	expect(steps.find(({ step }) => step === "inventory.release")).toMatchObject({
		node: "next",
		attempt: 1
	});
});
