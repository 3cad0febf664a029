import { randomBytes } from "node:crypto";
import { sendUntilKnown } from "./send-until-known";
import type { Client, Reply } from "./shop";

/** A random word, so that entries of different tests do not collide. */
export const unique = (prefix = "T"): string => `${prefix}${randomBytes(5).toString("hex")}`;

/** A signed-in member of staff at the gateway, who adds catalogue entries. */
export class StaffClient {
	constructor(
		readonly shop: Client,
		readonly token: string
	) {}

	send = (method: string, path: string, body?: unknown): Promise<Reply> =>
		this.shop.http(method, path, { token: this.token, body });

	/** Resolves to the data of the answer; throws on a refusal. */
	async mustSend(method: string, path: string, body?: unknown): Promise<Reply["body"]["data"]> {
		const send = () => this.send(method, path, body);
		const { status, body: answer } = await (method === "POST" ? send() : sendUntilKnown(send));
		if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(answer)}`);
		return answer.data;
	}

	async addCategory(more: object = {}): Promise<string> {
		return (await this.mustSend("POST", "/admin/categories", { name: unique("类目"), ...more })).id;
	}

	async addBrand(more: object = {}): Promise<string> {
		return (await this.mustSend("POST", "/admin/brands", { name: unique("Brand"), ...more })).id;
	}

	async addDraft(more: object = {}): Promise<Reply["body"]["data"]> {
		const categoryId = "categoryId" in more ? undefined : await this.addCategory();
		return this.mustSend("POST", "/admin/products", {
			name: unique("茶杯 "),
			...(categoryId !== undefined && { categoryId }),
			skus: [aSku()],
			...more
		});
	}

	async addProductOnShelf(more: object = {}): Promise<Reply["body"]["data"]> {
		const { id } = await this.addDraft(more);
		for (const step of ["submit", "approve"])
			await this.mustSend("POST", `/admin/products/${id}/${step}`);
		return this.mustSend("POST", `/admin/products/${id}/on-shelf`, {});
	}

	addStock = (skuId: string, delta: number): Promise<Reply> =>
		this.shop.http("POST", `/admin/inventory/${skuId}/adjust`, {
			token: this.token,
			key: unique("key-"),
			body: { delta, reason: "test" }
		});
}

/** Fields of a new SKU with a unique code and unique attributes. */
export const aSku = (more: object = {}) => ({
	code: unique("C-"),
	price: 1000,
	attributes: { 款号: unique("款") },
	...more
});
