import type { SearchEntry } from "../../../schemas/search.contract";
import type { StockLevel } from "../../../schemas/values/stock-level";
import type { SkuLevel } from "../catalogue-index";
import { CatalogueWords } from "../index/catalogue-words.domain";
import { valuesOf } from "../index/entry-tokens.domain";

type Level = Pick<SkuLevel, "level" | "version">;

/** What a process knows of the catalogue beside the search engine: words that queries are understood by, and the newest stock. */
export class LocalCatalogue {
	readonly words = new CatalogueWords();
	/** The version of each product whose words are known. */
	private readonly versions = new Map<string, number>();
	/** Levels by SKU that the documents of their products, by whose ids they are kept, may not have yet. */
	private readonly levels = new Map<string, Map<string, Level>>();

	/** Takes in the words of a product, and forgets the levels that it has itself. */
	note(entry: SearchEntry): void {
		this.noteWords(entry.id, entry.version, entry.name, valuesOf(entry));
		const levels = this.levels.get(entry.id);
		if (!levels) return;
		const current = new Map(entry.skus.map(sku => [sku.id, sku.levelVersion]));
		for (const [skuId, { version }] of levels)
			if (version <= (current.get(skuId) ?? Infinity)) levels.delete(skuId);
		if (levels.size === 0) this.levels.delete(entry.id);
	}

	noteWords(id: string, version: number, name: string, values: Iterable<string>): void {
		if (this.versions.get(id) === version) return;
		this.versions.set(id, version);
		this.words.addProduct(name, values);
	}

	noteLevel({ productId, skuId, level, version }: SkuLevel): void {
		const levels = this.levels.get(productId) ?? new Map<string, Level>();
		if ((levels.get(skuId)?.version ?? -1) > version) return;
		this.levels.set(productId, levels.set(skuId, { level, version }));
	}

	/** The level of a SKU where a later one than its document's is known. */
	levelOf(productId: string, skuId: string): StockLevel | undefined {
		return this.levels.get(productId)?.get(skuId)?.level;
	}

	forget(productId: string): void {
		this.versions.delete(productId);
		this.levels.delete(productId);
	}
}
