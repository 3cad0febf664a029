import { foldText } from "../text/fold-text.domain";
import { forEachToken } from "../text/split-text.domain";
import type { CategoryNode } from "../../../schemas/categories.contract";

/** Names that products refer to by id. They change seldom and are replaced as a whole. */
export type CatalogueNames = {
	/** The visible tree. */
	readonly categories: readonly CategoryNode[];
	readonly brands: readonly { readonly id: string; readonly name: string }[];
	/** Names of the attributes that shoppers may filter by. */
	readonly facets: readonly string[];
};

type Category = {
	readonly id: string;
	readonly name: string;
	readonly folded: string;
	/** Its own id, then those above it. */
	readonly path: readonly string[];
};
type Brand = { readonly id: string; readonly name: string; readonly folded: string };

/** Categories and brands by id, and by the tokens of their names. */
export class NameTable {
	readonly categories = new Map<string, Category>();
	readonly brands = new Map<string, Brand>();
	readonly facets: ReadonlySet<string>;
	private readonly categoriesByToken = new Map<string, Set<string>>();
	private readonly brandsByToken = new Map<string, Set<string>>();

	constructor({ categories, brands, facets }: CatalogueNames) {
		this.facets = new Set(facets);
		this.addBranch(categories, []);
		for (const { id, name } of brands) {
			const folded = foldText(name);
			this.brands.set(id, { id, name, folded });
			forEachToken(folded, token => addTo(this.brandsByToken, token, id));
		}
	}

	/** Ids of the categories that have all tokens in their own name. */
	findCategories = (tokens: readonly string[]): string[] => findAll(this.categoriesByToken, tokens);
	/** Ids of the brands that have all tokens. */
	findBrands = (tokens: readonly string[]): string[] => findAll(this.brandsByToken, tokens);

	hasToken(token: string): boolean {
		return this.categoriesByToken.has(token) || this.brandsByToken.has(token);
	}

	private addBranch(nodes: readonly CategoryNode[], above: readonly string[]): void {
		for (const { id, name, children } of nodes) {
			const path = [id, ...above];
			const folded = foldText(name);
			this.categories.set(id, { id, name, folded, path });
			forEachToken(folded, token => addTo(this.categoriesByToken, token, id));
			this.addBranch(children, path);
		}
	}
}

function addTo(map: Map<string, Set<string>>, key: string, id: string): void {
	const ids = map.get(key) ?? new Set();
	map.set(key, ids.add(id));
}

function findAll(map: ReadonlyMap<string, ReadonlySet<string>>, tokens: readonly string[]): string[] {
	const [first, ...others] = tokens.map(token => map.get(token));
	if (!first) return [];
	return [...first].filter(id => others.every(ids => ids?.has(id)));
}
