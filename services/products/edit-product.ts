import { setTimeout } from "node:timers/promises";
import type { KeyedCache } from "../../mixins/cache.mixin";
import { DuplicateKey, type Store } from "../../mixins/store.mixin";
import { Refusal } from "../../schemas/errors";
import type { ProductStatus } from "../../schemas/products.contract";
import { fact, type Fact } from "../../schemas/registry";
import { before, type Product } from "./product.domain";
import { duplicateCode, editing, type Edit } from "./sku.domain";

export type Self = { readonly products: Store<Product>; readonly cache: KeyedCache };
type Change = { readonly set: Partial<Product>; readonly facts?: readonly Fact[] };

/** Far more than there are rivals for one product. */
const ATTEMPTS = 100;

/** Writes what was decided on the product as it is, and decides again when another write came between; null leaves it. */
export async function rewrite(
	{ products, cache }: Self,
	id: string,
	decide: (product: Product) => Promise<Change | null> | Change | null
): Promise<Product> {
	for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
		const product = await products.get(id);
		const change = await decide(product);
		if (!change) return product;
		const written = await products
			.change(
				{ _id: id, revision: product.revision },
				{ $set: change.set, $inc: { revision: 1 } },
				change.facts
			)
			.catch(sameCode);
		if (!written) continue;
		await cache.clean(id);
		return written;
	}
	throw new Refusal("SERVICE_UNAVAILABLE", "Too many write to this product at once", { id });
}

/** An edit of the given version only; without one, of the product as it is. */
export function edit(
	self: Self,
	id: string,
	version: number | undefined,
	decide: (product: Product) => Promise<Edit> | Edit
): Promise<Product> {
	return rewrite(self, id, async product => {
		if (version !== undefined && version !== product.version)
			throw new Refusal("VERSION_CONFLICT", "The product was changed meanwhile", {
				id,
				version: product.version
			});
		return editing(product, await decide(product), new Date());
	});
}

/** A step of the product's life; what was scheduled before is off. */
export async function move(
	{ products, cache }: Self,
	id: string,
	to: ProductStatus,
	{ reason = null, due }: { readonly reason?: string | null; readonly due?: Date } = {}
): Promise<Product> {
	const guard = { status: { $in: before(to) }, ...(due && { "schedule.at": due, "schedule.to": to }) };
	const update = {
		$set: { status: to, reason, updatedAt: new Date() },
		$unset: { schedule: "" },
		$inc: { revision: 1 }
	};
	const product = await products.mustChange(id, guard, update, told(id, to));
	await cache.clean(id);
	return product;
}

/** Plans a step for later; refused where the step would be refused now. */
export async function schedule(
	{ products, cache }: Self,
	id: string,
	to: "on_shelf" | "off_shelf",
	at: Date
): Promise<Product> {
	const update = { $set: { schedule: { to, at }, updatedAt: new Date() }, $inc: { revision: 1 } };
	const product = await products.mustChange(id, { status: { $in: before(to) } }, update);
	await cache.clean(id);
	return product;
}

/** Cancels the scheduled step; a product without one is left as it is. */
export async function cancelSchedule({ products, cache }: Self, id: string): Promise<Product> {
	const update = { $unset: { schedule: "" }, $set: { updatedAt: new Date() }, $inc: { revision: 1 } };
	const product = await products.change({ _id: id, "schedule.at": { $exists: true } }, update);
	if (!product) return products.get(id);
	await cache.clean(id);
	return product;
}

function told(productId: string, to: ProductStatus): Fact[] {
	if (to === "on_shelf") return [fact("product.on_shelf", { productId })];
	return to === "off_shelf" ? [fact("product.off_shelf", { productId })] : [];
}

/** A database that an older version made has an index of its own on `skus.code`. */
export function sameCode(err: unknown): never {
	throw err instanceof DuplicateKey && err.index.startsWith("skus.code") ? duplicateCode() : err;
}

const TOLD_WITHIN_MS = 2000;
const LOOK_EVERY_MS = 20;

/** Removes a product that is off the shelf. Facts still on its outbox would go with it: they are waited for. */
export async function removeOnceTold({ products, cache }: Self, id: string): Promise<void> {
	for (let waited = 0; waited < TOLD_WITHIN_MS; waited += LOOK_EVERY_MS) {
		const told = { status: { $ne: "on_shelf" }, outboxAt: { $exists: false } } as const;
		if (await products.remove({ _id: id, ...told })) return cache.clean(id);
		const { status } = await products.get(id);
		if (status === "on_shelf")
			throw new Refusal("INVALID_STATE", "The product is on the shelf", { id, status });
		await setTimeout(LOOK_EVERY_MS);
	}
	throw new Refusal("SERVICE_UNAVAILABLE", "News of the product is still on its way", { id });
}
