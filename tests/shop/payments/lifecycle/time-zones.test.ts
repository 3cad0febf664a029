import type { ShopProcess } from "../../../support/shop-process";
import { until } from "../../../support/until";
import type { ChannelServer } from "../../../support/payments/channel-server";
import { startShopProcessWithChannels } from "../../../support/payments/shop-with-channels";
import type { StockedShop } from "../../../support/payments/stocked-shop";

const ZONES = ["UTC", "Asia/Shanghai", "America/Los_Angeles"];
const SCENES = [
	["alipay", "qr"],
	["alipay", "page"],
	["alipay", "wap"],
	["wechat", "qr"],
	["wechat", "wap"]
] as const;
const MINUTE = 60_000;

type Payment = {
	readonly id: string;
	readonly paymentNo: string;
	readonly expiresAt: string;
	readonly channel: "alipay" | "wechat";
	readonly action: { readonly url: string };
};

/** A shop in a process of its own with that time zone, and its channels. */
class Abroad {
	private constructor(
		readonly channelServer: ChannelServer,
		readonly stockedShop: StockedShop<ShopProcess>,
		readonly close: () => Promise<void>
	) {}

	static async in(zone: string): Promise<Abroad> {
		const { channelServer, stockedShop, close } = await startShopProcessWithChannels({ TZ: zone });
		return new Abroad(channelServer, stockedShop, close);
	}

	/** Creates a payment, and answers the bytes of the request to the channel, without what differs each time. */
	async bytesOf(channel: "alipay" | "wechat", scene: string): Promise<string> {
		const order = await this.stockedShop.placeOrder();
		const payment: Payment = await this.stockedShop.shopper.createPayment(order.id, channel, scene);
		const asked = this.channelServer.requests.find(({ query, body }) =>
			(query + body).includes(payment.paymentNo)
		);
		// For an Alipay redirect the browser sends the request.
		const text = asked
			? [asked.method, asked.path, asked.query, asked.body].join("\n")
			: new URL(payment.action.url).search;
		await this.stockedShop.shopper.mustSend("POST", `/orders/${order.id}/cancel`, {});
		return (asked?.channel === "wechat" ? text : decodeURIComponent(text.replaceAll("+", " ")))
			.replaceAll(payment.paymentNo, "<number>")
			.replaceAll(order.orderNo, "<order>")
			.replaceAll(`:${this.stockedShop.shop.port}/`, ":<port>/")
			.replace(/(?<=&sign=)[^&\n]*/, "<signature>")
			.replace(/(?<=&timestamp=)[^&]*/, at => distance(at, Date.now()))
			.replace(/(?<="time_expire":")[^"]*/, at => distance(at, Date.parse(payment.expiresAt)));
	}
}

/** The difference between a Beijing time and the expected one. */
function distance(text: string, from: number): string {
	const at = Date.parse(/\+08:00$/.test(text) ? text : `${text.replace(" ", "T")}+08:00`);
	return Math.abs(at - from) < MINUTE ? "<right>" : text;
}

let shops: Abroad[];
beforeAll(async () => {
	shops = await Promise.all(ZONES.map(zone => Abroad.in(zone)));
});
afterAll(() => Promise.all(shops.map(shop => shop.close())));

it.each(SCENES)(
	"asks %s for a payment (%s) in the same bytes, wherever it runs [50]",
	async (channel, scene) => {
		const bytes = await Promise.all(shops.map(shop => shop.bytesOf(channel, scene)));

		expect(new Set(bytes).size).toBe(1);
		expect(bytes[0]).toContain('"time_expire":"<right>"');
		expect(bytes[0]).toContain(channel === "alipay" ? "timestamp=<right>" : '"total":1000');
	}
);

it.each(["alipay", "wechat"] as const)(
	"reads the moment at which %s took the money, wherever it runs [50]",
	async channel => {
		for (const { channelServer, stockedShop } of shops) {
			const order = await stockedShop.placeOrder();
			const payment: Payment = await stockedShop.shopper.createPayment(order.id, channel, "qr");
			const at = Date.now();

			await channelServer.takePayment(payment);
			const paid = await until("the payment", async () => {
				const seen = await stockedShop.shopper.mustSend("GET", `/payments/${payment.id}`);
				return seen.status === "succeeded" && seen;
			});

			expect(Math.abs(Date.parse(paid.paidAt) - at)).toBeLessThan(MINUTE);
			expect(stockedShop.shop.alive).toBe(true);
		}
	}
);
