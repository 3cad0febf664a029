import { retryConflicts } from "../infrastructure/documents/conflicts";
import type { OpenCollection } from "../infrastructure/documents/declared";
import { fold } from "../schemas/values/text";

type Named = { readonly _id: string; readonly name: string; readonly nameKey?: string };
type Sku = { readonly id: string; readonly code: string };
type Product = {
	readonly _id: string;
	readonly revision: number;
	readonly skus: readonly Sku[];
	readonly formerSkus: readonly Sku[];
};

/**
 * Gives the names of brands and tags and the codes of SKUs the folded keys by which they are unique. Where several
 * names or codes have the same key, the oldest gets it. The others get it with their id appended until staff rename them.
 */
export async function up(collection: OpenCollection): Promise<void> {
	for (const name of ["brands", "tags"]) await keyNames(collection, name);
	await keyCodes(collection);
}

/** The key is unique: folded texts hold no blanks, so none equals a key with a blank in it. */
const keyWithId = (key: string, id: string): string => `${key} ${id}`;

async function keyNames(collection: OpenCollection, name: string): Promise<void> {
	const documents = collection<Named>(name);
	const owners = new Map<string, string>();
	// Every document first gets a key with its id: another document may still have the plain key from an older version.
	for (const { _id, name: written } of await documents.find({}, { sort: { _id: 1 } })) {
		const nameKey = fold(written);
		if (!owners.has(nameKey)) owners.set(nameKey, _id);
		await documents.change({ _id }, { $set: { nameKey: keyWithId(nameKey, _id) } });
	}
	for (const [nameKey, _id] of owners) await documents.change({ _id }, { $set: { nameKey } });
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
		await retryConflicts({ collection: "products", id: _id }, async () => {
			const product = await products.findOne({ _id });
			if (!product) return "removed";
			const update = {
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
			return products.change({ _id, revision: product.revision }, update);
		});
	}
}
