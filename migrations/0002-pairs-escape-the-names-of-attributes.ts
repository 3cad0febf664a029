import { retryConflicts } from "../infrastructure/documents/conflicts";
import type { OpenCollection } from "../infrastructure/documents/declared";

type Attributes = Readonly<Record<string, string>>;
type Sku = { readonly attributes: Attributes; readonly pairs: readonly string[] };
type Product = {
	readonly _id: string;
	readonly revision: number;
	readonly attributes: Attributes;
	readonly skus: readonly Sku[];
	readonly pairs: readonly string[];
};

/** Escapes `=` and `\` in the names within `pairs`, the list of attributes and values by which products are found. */
export async function up(collection: OpenCollection): Promise<void> {
	const products = collection<Product>("products");
	const unescaped = { pairs: { $regex: String.raw`\\|=.*=` } };
	for (const { _id } of await products.find(unescaped, { fields: ["_id"] }))
		await retryConflicts({ collection: "products", id: _id }, async () => {
			const product = await products.findOne({ _id });
			if (!product) return "removed";
			const update = { $set: escapePairs(product), $inc: { revision: 1 } };
			return products.change({ _id, revision: product.revision }, update);
		});
}

function escapePairs({ attributes, skus }: Product): Pick<Product, "skus" | "pairs"> {
	const shared = pairsOf(attributes);
	const names = [attributes, ...skus.map(sku => sku.attributes)].flatMap(given => Object.keys(given));
	const withPairs = skus.map(sku => ({ ...sku, pairs: distinct([...shared, ...pairsOf(sku.attributes)]) }));
	const all = [...shared, ...withPairs.flatMap(sku => sku.pairs), ...names.map(name => pairOf(name, ""))];
	return { skus: withPairs, pairs: distinct(all) };
}

const distinct = (pairs: readonly string[]): string[] => [...new Set(pairs)];
const pairOf = (name: string, value: string) => `${name.replace(/[\\=]/g, "\\$&")}=${value}`;
const pairsOf = (attributes: Attributes) =>
	Object.entries(attributes).map(([name, value]) => pairOf(name, value));
