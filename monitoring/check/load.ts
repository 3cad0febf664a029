import { setTimeout as pause } from "node:timers/promises";
import { StaffClient, unique } from "../../tests/support/builders";
import type { Client } from "../../tests/support/shop";
import { Shopper } from "../../tests/support/shopper";

const READS = ["/products", "/categories", "/products?keyword=cup", "/content/home"];
const CHANNELS = ["alipay", "wechat"] as const;

/** Sends requests of every kind to the shop. */
export class Load {
	private readonly shoppers: Shopper[] = [];
	private skuId = "";
	private scarceSkuId = "";

	constructor(
		private readonly client: Client,
		private readonly staff: StaffClient
	) {}

	/** Puts a product on the shelf and signs shoppers in. */
	async prepare(): Promise<void> {
		const { skus } = await this.staff.addProductOnShelf();
		this.skuId = skus[0].id;
		await this.staff.addStock(this.skuId, 1000);
		const scarce = await this.staff.addProductOnShelf();
		this.scarceSkuId = scarce.skus[0].id;
		await this.staff.addStock(this.scarceSkuId, 1);
		for (let n = 0; n < 2; n++) {
			const { token } = await this.client.register(`1370000000${n}`);
			this.shoppers.push(new Shopper(this.client, token));
		}
	}

	/** Trades for about so many seconds: orders of all ends, and requests that are refused. */
	async trade(seconds: number): Promise<void> {
		const stream = new AbortController();
		await this.listen(stream.signal);
		for (const deadline = Date.now() + seconds * 1000, round = { n: 0 }; Date.now() < deadline; round.n++)
			for (const [index, shopper] of this.shoppers.entries())
				await this.tradeOnce(shopper, CHANNELS[(round.n + index) % 2] ?? "alipay");
		stream.abort();
	}

	/** Tries to begin one payment again and again, in a scene in which its channel is asked, until `isEnough`. */
	async pay(channel: "alipay" | "wechat", isEnough: () => boolean): Promise<void> {
		const [shopper] = this.shoppers;
		const order = await shopper?.order(this.skuId);
		const request = { orderId: order.id, channel, scene: "qr" };
		for (const key = unique("pay-"); !isEnough(); await pause(300))
			await shopper?.send("POST", "/payments", request, key);
	}

	/** Sends notifications in the name of a channel that it has not signed. */
	async forgeNotifications(times: number): Promise<void> {
		for (let n = 0; n < times; n++)
			await this.client.http("POST", "/payments/notify/alipay", {
				headers: { "Content-Type": "application/x-www-form-urlencoded" },
				body: "out_trade_no=1&trade_status=TRADE_SUCCESS&sign_type=RSA2&sign=AAAA"
			});
	}

	private async tradeOnce(shopper: Shopper, channel: (typeof CHANNELS)[number]): Promise<void> {
		for (const path of READS) await this.client.http("GET", path);
		await this.client.http("GET", "/orders"); // 401
		await shopper.send("GET", "/admin/orders"); // 403
		await shopper.send("POST", "/cart/items", { skuId: this.skuId, quantity: 1 });
		await shopper.send("POST", "/cart/preview", { addressId: await shopper.address() });
		await shopper.tryOrder(this.scarceSkuId, 2); // out of stock
		const paid = await shopper.order(this.skuId, 2);
		const { paymentNo } = await shopper.createPayment(paid.id, channel);
		await shopper.payAtChannel(paymentNo);
		const cancelled = await shopper.order(this.skuId);
		await shopper.mustSend("POST", `/orders/${cancelled.id}/cancel`, {});
	}

	private async listen(signal: AbortSignal): Promise<void> {
		const [shopper] = this.shoppers;
		const response = await fetch(`${this.client.url}/api/v1/events`, {
			headers: { Authorization: `Bearer ${shopper?.token}` },
			signal
		});
		void response.text().catch(() => undefined); // it ends with the signal
	}
}
