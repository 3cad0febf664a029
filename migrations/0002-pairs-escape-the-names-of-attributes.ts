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

/** Pairs of attributes, by which products are found, escape `=` and `\` in a name since then; others stay as they are. */
export async function up(collection: OpenCollection): Promise<void> {
	const products = collection<Product>("products");
	const odd = { pairs: { $regex: String.raw`\\|=.*=` } };
	for (const { _id } of await products.find(odd, { fields: ["_id"] })) {
		let done = false;
		while (!done) {
			const product = await products.findOne({ _id });
			const update = product && { $set: paired(product), $inc: { revision: 1 } };
			// Null where a running shop has written the product meanwhile: then it is read again.
			done = !update || (await products.change({ _id, revision: product.revision }, update)) !== null;
		}
	}
}

function paired({ attributes, skus }: Product): Pick<Product, "skus" | "pairs"> {
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
