import { randomBytes } from "node:crypto";
import type { Client, Reply } from "./shop";

/** A word that no other entry has. */
export const unique = (prefix = "T"): string => `${prefix}${randomBytes(5).toString("hex")}`;

/** Makes catalogue entries through the gateway, as staff do. */
export class StaffClient {
	constructor(
		readonly shop: Client,
		readonly token: string
	) {}

	send = (method: string, path: string, body?: unknown): Promise<Reply> =>
		this.shop.http(method, path, { token: this.token, body });

	/** Sends and answers the data; fails on a refusal. */
	async mustSend(method: string, path: string, body?: unknown): Promise<Reply["body"]["data"]> {
		const { status, body: answer } = await this.send(method, path, body);
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

	/** Puts units of a SKU in stock. */
	addStock = (skuId: string, delta: number): Promise<Reply> =>
		this.shop.http("POST", `/admin/inventory/${skuId}/adjust`, {
			token: this.token,
			key: unique("key-"),
			body: { delta, reason: "test" }
		});
}

/** A SKU with a code and attributes that no other one has. */
export const aSku = (more: object = {}) => ({
	code: unique("C-"),
	price: 1000,
	attributes: { 款号: unique("款") },
	...more
});
