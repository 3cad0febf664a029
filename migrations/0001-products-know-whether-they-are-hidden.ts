import type { OpenCollection } from "../infrastructure/documents/declared";

type Tree = {
	readonly _id: string;
	readonly categories: readonly { readonly id: string; readonly visible: boolean }[];
};

/** Fills `hidden`, by which lists filter: whether a product's category, or one above it, is hidden from shoppers. */
export async function up(collection: OpenCollection): Promise<void> {
	const tree = await collection<Tree>("categories").findOne({ _id: "tree" });
	const hidden = (tree?.categories ?? []).filter(({ visible }) => !visible).map(({ id }) => id);
	const products = collection("products");
	const unknown = { hidden: { $exists: false } };
	await products.changeMany({ ...unknown, categoryPath: { $in: hidden } }, { $set: { hidden: true } });
	await products.changeMany(unknown, { $set: { hidden: false } });
}
