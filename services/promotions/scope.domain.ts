export type ScopeLists = {
	readonly all?: boolean | undefined;
	readonly categoryIds?: readonly string[] | undefined;
	readonly brandIds?: readonly string[] | undefined;
	readonly productIds?: readonly string[] | undefined;
	readonly skuIds?: readonly string[] | undefined;
};
/** The goods that an offer is for: the union of the lists, less the union of those under `not`. */
export type Scope = ScopeLists & { readonly not?: ScopeLists | undefined };

/** What decides whether goods are in a scope. `categoryIds` names the category of the goods and all above it. */
export type ScopedGoods = {
	readonly skuId: string;
	readonly productId: string;
	readonly categoryIds: readonly string[];
	readonly brandId: string | null;
};
export type Covers = (goods: ScopedGoods) => boolean;

/** Compiles a scope into a test, since a running promotion is tested against the lines of every cart. */
export function compileScope({ not, ...lists }: Scope): Covers {
	const included = compileLists(lists);
	const excluded = not && compileLists(not);
	return excluded ? goods => included(goods) && !excluded(goods) : included;
}

function compileLists({ all, skuIds, productIds, brandIds, categoryIds }: ScopeLists): Covers {
	if (all) return () => true;
	const skus = new Set(skuIds);
	const products = new Set(productIds);
	const brands = new Set(brandIds);
	const categories = new Set(categoryIds);
	return ({ skuId, productId, brandId, categoryIds: path }) =>
		skus.has(skuId) ||
		products.has(productId) ||
		(brandId !== null && brands.has(brandId)) ||
		(categories.size > 0 && path.some(id => categories.has(id)));
}

/** Whether the lists name nothing. */
export const isEmptyScope = ({ all, categoryIds, brandIds, productIds, skuIds }: ScopeLists): boolean =>
	!all && ![categoryIds, brandIds, productIds, skuIds].some(ids => ids?.length);
