import type { OpenCollection } from "../infrastructure/documents/declared";
import { fold } from "../schemas/text";

type Named = {
	readonly _id: string;
	readonly name: string;
	readonly nameKey?: string;
	readonly categoryId?: string | null;
};
type Sku = { readonly id: string; readonly code: string };
type Product = {
	readonly _id: string;
	readonly revision: number;
	readonly skus: readonly Sku[];
	readonly formerSkus: readonly Sku[];
};

/**
 * Names of brands, tags and attributes and the codes of SKUs get the key by which they are unique. Of those that were
 * different until now the oldest has the key, and the others one with their id behind it: each can be renamed later.
 */
export async function up(collection: OpenCollection): Promise<void> {
	for (const name of ["brands", "tags", "attributes"]) await keyNames(collection, name);
	await keyCodes(collection);
}

/** No folded text has a blank, so that a key with one is nobody else's. */
const keyWithId = (key: string, id: string): string => `${key} ${id}`;

async function keyNames(collection: OpenCollection, name: string): Promise<void> {
	const documents = collection<Named>(name);
	const owners = new Map<string, { readonly _id: string; readonly nameKey: string }>();
	// First a key for each that nobody else has, so that no owner's key is still an older key of another.
	for (const { _id, name: written, categoryId = null } of await documents.find({}, { sort: { _id: 1 } })) {
		const nameKey = fold(written);
		const place = JSON.stringify([categoryId, nameKey]);
		if (!owners.has(place)) owners.set(place, { _id, nameKey });
		await documents.change({ _id }, { $set: { nameKey: keyWithId(nameKey, _id) } });
	}
	for (const { _id, nameKey } of owners.values()) await documents.change({ _id }, { $set: { nameKey } });
}

async function keyCodes(collection: OpenCollection): Promise<void> {
	const products = collection<Product>("products");
	const taken = new Set<string>();
	const keyed = (sku: Sku, codeKey: string) => ({ ...sku, codeKey });
	const keyOf = ({ id, code }: Sku) => {
		const key = fold(code);
		const codeKey = taken.has(key) ? keyWithId(key, id) : key;
		taken.add(key);
		return codeKey;
	};
	for (const { _id } of await products.find({}, { sort: { _id: 1 }, fields: ["_id"] })) {
		const keys = new Map<string, string>();
		let done = false;
		while (!done) {
			const product = await products.findOne({ _id });
			const update = product && {
				$set: {
					skus: product.skus.map(sku => {
						const codeKey = keys.get(sku.id) ?? keyOf(sku);
						keys.set(sku.id, codeKey);
						return keyed(sku, codeKey);
					}),
					formerSkus: product.formerSkus.map(sku => keyed(sku, fold(sku.code)))
				},
				$inc: { revision: 1 }
			};
			// Null where a running shop has written the product meanwhile: then it is read again.
			done = !update || (await products.change({ _id, revision: product.revision }, update)) !== null;
		}
	}
}
