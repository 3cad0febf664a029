import { aSku, StaffClient, unique } from "../builders";
import type { Client, Reply } from "../shop";
import { Shopper } from "../shopper";
import { until } from "../until";

export type Data = Reply["body"]["data"];
type Stocked = Pick<StockedShop, "staff" | "shopper" | "skuId" | "productId">;

/** A shop with one shopper and one SKU in stock, used through its gateway. */
export class StockedShop<S extends Client = Client> {
	readonly staff: StaffClient;
	readonly shopper: Shopper;
	readonly skuId: string;
	readonly productId: string;

	protected constructor(
		readonly shop: S,
		{ staff, shopper, skuId, productId }: Stocked
	) {
		this.staff = staff;
		this.shopper = shopper;
		this.skuId = skuId;
		this.productId = productId;
	}

	static async at<S extends Client>(shop: S): Promise<StockedShop<S>> {
		return new StockedShop(shop, await StockedShop.stock(shop));
	}

	protected static async stock(shop: Client, price = 1000): Promise<Stocked> {
		const staff = new StaffClient(shop, await shop.asAdmin());
		await staff.mustSend("PUT", "/admin/config/orders.maxUnpaid", { value: 1000 });
		const product = await staff.addProductOnShelf({ skus: [aSku({ price })] });
		const skuId: string = product.skus[0].id;
		await staff.addStock(skuId, 1000);
		return { staff, shopper: new Shopper(shop, await shop.asUser()), skuId, productId: product.id };
	}

	placeOrder = (): Promise<Data> => this.shopper.order(this.skuId);

	waitForOrder = (orderId: string, status: string): Promise<Data> =>
		until(`order ${status}`, async () => {
			const order = await this.shopper.mustSend("GET", `/orders/${orderId}`);
			return order.status === status && order;
		});
	listPayments = async (orderId: string): Promise<Data> =>
		(await this.staff.mustSend("GET", `/admin/payments?orderId=${orderId}`)).items;
	waitForPayment = (orderId: string, status: string): Promise<Data> =>
		until(`payment ${status}`, async () =>
			(await this.listPayments(orderId)).find((p: Data) => p.status === status)
		);
	cancelAsStaff = (orderId: string): Promise<Data> =>
		this.staff.mustSend("POST", `/admin/orders/${orderId}/cancel`, { reason: "缺货" });
	requestRefund = (paymentId: string, amount: number, key = unique("refund-")): Promise<Reply> =>
		this.shop.http("POST", `/admin/payments/${paymentId}/refund`, {
			token: this.staff.token,
			key,
			body: { amount, reason: "破损" }
		});
	listDeadLetters = async (): Promise<Data> =>
		(await this.staff.mustSend("GET", "/admin/dead-letters")).items;

	/** The types of the order's changes to the SKU's stock, the oldest first. */
	listStockChanges = async (orderId: string): Promise<string[]> => {
		const { items } = await this.staff.mustSend("GET", `/admin/inventory/${this.skuId}/log?pageSize=100`);
		const changes = items.filter((change: Data) => change.orderId === orderId);
		return changes.map(({ type }: Data) => type).reverse();
	};
	/** The newest first. */
	listUnmatchedNotifications = async (): Promise<Data> =>
		(await this.staff.mustSend("GET", "/admin/payments/notifications")).items;
}
