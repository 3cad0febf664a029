import type { SearchEntry } from "../../../schemas/search.contract";
import { foldText } from "../text/fold-text.domain";
import { parseQuery, type Term } from "../text/parse-query.domain";
import { splitRuns } from "../text/split-text.domain";
import { compileSynonyms, type Synonyms } from "../text/synonyms.domain";
import { Vocabulary } from "../text/vocabulary.domain";
import { NameTable, type CatalogueNames } from "./catalogue-names.domain";

const EMPTY_NAMES: CatalogueNames = { categories: [], brands: [], facets: [] };

/** What queries are understood by: words of the catalogue, names of categories and brands, and synonyms. */
export class CatalogueWords {
	readonly vocabulary = new Vocabulary();
	names = new NameTable(EMPTY_NAMES);
	private synonyms: Synonyms = compileSynonyms([]);

	setNames(names: CatalogueNames): void {
		this.names = new NameTable(names);
		for (const { folded } of this.names.categories.values()) this.vocabulary.addName(folded);
		for (const { folded } of this.names.brands.values()) this.vocabulary.addName(folded);
	}

	setSynonyms(sets: readonly (readonly string[])[]): void {
		this.synonyms = compileSynonyms(sets);
		for (const word of sets.flat()) this.vocabulary.addName(foldText(word));
	}

	/** Adds the words of a product's name, and the Latin ones among its attributes' values. */
	addProduct(name: string, values: Iterable<string>): void {
		this.vocabulary.addName(foldText(name));
		for (const value of values)
			for (const run of splitRuns(foldText(value)))
				if (run.kind === "letters") this.vocabulary.addLatin(run.text);
	}

	/** Whether the name of something that the product refers to is missing. */
	lacksNames({ categoryId, brandId }: SearchEntry): boolean {
		return (
			!this.names.categories.has(categoryId) || (brandId !== null && !this.names.brands.has(brandId))
		);
	}

	/** @param isKnown Whether any product has the token. */
	parse(q: string, isKnown: (token: string) => boolean): Term[] {
		return parseQuery(q, { vocabulary: this.vocabulary, synonyms: this.synonyms, isKnown });
	}
}
