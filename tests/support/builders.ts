import { randomBytes } from "node:crypto";
import type { Client, Reply } from "./shop";

/** A word that no other entry has. */
export const unique = (prefix = "T"): string => `${prefix}${randomBytes(5).toString("hex")}`;

/** Makes catalogue entries through the gateway, as staff do. */
export class Catalogue {
	constructor(
		readonly shop: Client,
		readonly token: string
	) {}

	send = (method: string, path: string, body?: unknown): Promise<Reply> =>
		this.shop.http(method, path, { token: this.token, body });

	/** Sends and answers the data; fails on a refusal. */
	async must(method: string, path: string, body?: unknown): Promise<Reply["body"]["data"]> {
		const { status, body: answer } = await this.send(method, path, body);
		if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(answer)}`);
		return answer.data;
	}

	async category(more: object = {}): Promise<string> {
		return (await this.must("POST", "/admin/categories", { name: unique("类目"), ...more })).id;
	}

	async brand(more: object = {}): Promise<string> {
		return (await this.must("POST", "/admin/brands", { name: unique("Brand"), ...more })).id;
	}

	async draft(more: object = {}): Promise<Reply["body"]["data"]> {
		const categoryId = "categoryId" in more ? undefined : await this.category();
		return this.must("POST", "/admin/products", {
			name: unique("茶杯 "),
			...(categoryId !== undefined && { categoryId }),
			skus: [aSku()],
			...more
		});
	}

	async onShelf(more: object = {}): Promise<Reply["body"]["data"]> {
		const { id } = await this.draft(more);
		for (const step of ["submit", "approve"]) await this.must("POST", `/admin/products/${id}/${step}`);
		return this.must("POST", `/admin/products/${id}/on-shelf`, {});
	}

	/** Puts units of a SKU in stock. */
	stock = (skuId: string, delta: number): Promise<Reply> =>
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
