import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { ROOT, RUN_TYPESCRIPT } from "../support/root";
import { ShopProcess } from "../support/shop-process";
import { Shopper } from "../support/shopper";
import { until } from "../support/until";

const run = promisify(execFile);
const NO_SERVERS = { NATS_URL: "", MONGO_URL: "", REDIS_URL: "" };
/** Data of a paid and an unpaid order of two units each, of ten; see the folder's README. */
const FIXTURES = join(ROOT, "tests/fixtures/data-folders");
const names = readdirSync(FIXTURES).filter(name => name.endsWith(".db.gz"));

it.each(names)("opens the data of %s, and goes on with its orders", async name => {
	const dataDir = mkdtempSync(join(tmpdir(), "zjmall-upgrade-"));
	writeFileSync(join(dataDir, "zjmall.db"), gunzipSync(readFileSync(join(FIXTURES, name))));
	const shop = await ShopProcess.start(NO_SERVERS, { dataDir });
	try {
		const shopper = new Shopper(shop, await shop.asUser());
		const listOrders = async () => (await shopper.mustSend("GET", "/orders")).items;

		// The unpaid order is past its deadline by now.
		const [unpaid, paid] = await until("the unpaid order to be cancelled", async () => {
			const orders = await listOrders();
			return orders[0].status === "cancelled" && orders;
		});
		const { id } = (await shopper.mustSend("GET", "/products?q=龙井")).items[0];
		const product = await shopper.mustSend("GET", `/products/${id}`);
		const order = await shopper.order(product.skus[0].id, 8); // all that the paid order left
		const payment = await shopper.createPayment(order.id, "wechat", "qr");
		await shopper.payAtChannel(payment.paymentNo);
		await until("the new order to be paid", async () => (await listOrders())[0].status === "paid");

		expect(unpaid).toMatchObject({ status: "cancelled", total: 13600 });
		expect(await shopper.mustSend("GET", `/orders/${paid.id}`)).toMatchObject({
			status: "paid",
			total: 13600,
			items: [{ quantity: 2, price: 6800 }],
			payment: { channel: "wechat", amount: 13600 }
		});
		const env = { ...process.env, ...NO_SERVERS, NODE_ENV: "test", DATA_DIR: dataDir };
		const check = () =>
			run(process.execPath, [...RUN_TYPESCRIPT, "invariants/check-invariants.ts", "--full"], {
				cwd: ROOT,
				env
			});
		await until("the invariants to hold", () => check().catch(() => null));
	} finally {
		await shop.remove();
	}
});
