import { unique } from "./builders";
import { sendUntilKnown } from "./send-until-known";
import type { Client, Reply } from "./shop";

type Data = Reply["body"]["data"];
const ADDRESS = {
	receiver: "李雷",
	phone: "13900000000",
	province: "浙江省",
	city: "杭州市",
	district: "西湖区",
	detail: "文三路 1 号"
};

/** A signed-in customer at the gateway. */
export class Shopper {
	constructor(
		readonly client: Client,
		readonly token: string,
		private addressId?: string | Promise<string>
	) {}

	send = (method: string, path: string, body?: unknown, key?: string): Promise<Reply> =>
		this.client.http(method, path, {
			token: this.token,
			...(body !== undefined && { body }),
			...(key && { key })
		});

	/** Sends a request and returns its data; throws on a refusal. */
	async mustSend(method: string, path: string, body?: unknown, key?: string): Promise<Data> {
		const send = () => this.send(method, path, body, key);
		const { status, body: answer } = await (method !== "POST" || key ? sendUntilKnown(send) : send());
		if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(answer)}`);
		return answer.data;
	}

	async address(): Promise<string> {
		return (this.addressId ??= this.mustSend("POST", "/me/addresses", ADDRESS).then(
			({ id }) => id as string
		));
	}

	/** Tries to order units of a SKU. */
	async tryOrder(skuId: string, quantity = 1, key = unique("order-")): Promise<Reply> {
		const addressId = await this.address();
		return this.send("POST", "/orders", { items: [{ skuId, quantity }], addressId }, key);
	}

	async order(skuId: string, quantity = 1): Promise<Data> {
		const key = unique("order-");
		const { status, body } = await sendUntilKnown(() => this.tryOrder(skuId, quantity, key));
		if (status !== 201) throw new Error(`Order: ${status} ${JSON.stringify(body)}`);
		return body.data;
	}

	createPayment(orderId: string, channel: "alipay" | "wechat" = "alipay", scene = "page"): Promise<Data> {
		return this.mustSend("POST", "/payments", { orderId, channel, scene }, unique("payment-"));
	}

	/** Has the emulated channel take the money. */
	payAtChannel(paymentNo: string, notify = "once", outcome = "success"): Promise<Data> {
		return this.mustSend("POST", `/sandbox/payments/${paymentNo}/pay`, { outcome, notify });
	}
}
