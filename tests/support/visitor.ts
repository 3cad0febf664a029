import { randomInt } from "node:crypto";
import type { Client, Reply } from "./shop";

/** A client with a cart: a guest, who keeps the cart id that the gateway returned, or the user of a token. */
export class Visitor {
	cartId: string | undefined;

	constructor(
		private readonly client: Client,
		private readonly token?: string
	) {}

	static phone = () => `137${randomInt(10_000_000, 99_999_999)}`;

	async send(method: string, path: string, body?: unknown): Promise<Reply> {
		const reply = await this.client.http(method, path, {
			...(this.token && { token: this.token }),
			...(this.cartId && { headers: { "X-Cart-Id": this.cartId } }),
			...(body !== undefined && { body })
		});
		this.cartId = reply.headers.get("X-Cart-Id") ?? this.cartId;
		return reply;
	}

	add = (skuId: string, quantity: number): Promise<Reply> =>
		this.send("POST", "/cart/items", { skuId, quantity });

	merge = (cartId: string | undefined): Promise<Reply> => this.send("POST", "/cart/merge", { cartId });

	async cart(): Promise<Reply["body"]["data"]> {
		return (await this.send("GET", "/cart")).body.data;
	}

	async address(): Promise<string> {
		const { body } = await this.send("POST", "/me/addresses", {
			receiver: "李雷",
			phone: "13900000000",
			province: "浙江省",
			city: "杭州市",
			district: "西湖区",
			detail: "文三路 1 号"
		});
		return body.data.id;
	}
}
