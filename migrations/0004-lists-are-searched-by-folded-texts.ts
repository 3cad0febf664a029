import { retryConflicts } from "../infrastructure/documents/conflicts";
import type { OpenCollection } from "../infrastructure/documents/declared";
import { fold } from "../schemas/values/text";

type User = { readonly _id: string; readonly nickname: string; readonly nicknameKey?: string };
type Item = { readonly productId: string; readonly skuId: string; readonly name: string };
type Order = {
	readonly _id: string;
	readonly items: readonly Item[];
	readonly nameKeys?: readonly string[];
	readonly codeKeys?: readonly string[];
};
type Sku = { readonly id: string; readonly code: string };
type Product = { readonly _id: string; readonly skus: readonly Sku[]; readonly formerSkus: readonly Sku[] };

/** Gives users and orders the folded texts by which lists find them. */
export async function up(collection: OpenCollection): Promise<void> {
	await keyNicknames(collection);
	await keyOrders(collection);
}

async function keyNicknames(collection: OpenCollection): Promise<void> {
	const users = collection<User>("users");
	for (const { _id } of await users.find({ nicknameKey: { $exists: false } }, { fields: ["_id"] }))
		await retryConflicts({ collection: "users", id: _id }, async () => {
			const user = await users.findOne({ _id });
			if (!user) return "removed";
			const { nickname } = user;
			return users.change({ _id, nickname }, { $set: { nicknameKey: fold(nickname) } });
		});
}

/** Orders did not store codes: the current code of the SKU stands in for it. SKUs of removed products have none. */
async function keyOrders(collection: OpenCollection): Promise<void> {
	const orders = collection<Order>("orders");
	const products = collection<Product>("products");
	const codes = new Map<string, string>();
	const read = new Set<string>();
	const learn = async (productId: string) => {
		if (read.has(productId)) return;
		read.add(productId);
		const product = await products.findOne({ _id: productId }, { fields: ["skus", "formerSkus"] });
		for (const { id, code } of [...(product?.formerSkus ?? []), ...(product?.skus ?? [])])
			codes.set(id, fold(code));
	};
	for (const { _id } of await orders.find({ nameKeys: { $exists: false } }, { fields: ["_id"] })) {
		const items = (await orders.findOne({ _id }))?.items ?? [];
		for (const { productId } of items) await learn(productId);
		const nameKeys = [...new Set(items.map(({ name }) => fold(name)))];
		const codeKeys = [...new Set(items.flatMap(({ skuId }) => codes.get(skuId) ?? []))];
		await orders.change({ _id }, { $set: { nameKeys, codeKeys } });
	}
}
