import { pinyin } from "pinyin-pro";
import type { CatalogueIndex } from "../../services/search/catalogue-index";
import { anEntry, aSku } from "../support/search-entries";
import type { Bench } from "./catalogue-index.contract";
import { KNOWN_PRODUCTS, KNOWN_QUERIES, KNOWN_SYNONYMS } from "./known-queries";

const idsOf = (names: readonly string[]) => [...new Set(names)];
const categories = idsOf(KNOWN_PRODUCTS.map(({ category }) => category));
const brands = idsOf(KNOWN_PRODUCTS.map(({ brand }) => brand));
const entries = KNOWN_PRODUCTS.map(({ id, name, category, brand, sales }) =>
	anEntry({
		id,
		name,
		sales,
		categoryId: `c${categories.indexOf(category)}`,
		brandId: `b${brands.indexOf(brand)}`,
		skus: [aSku({ id: `${id}-1` })]
	})
);
const names = {
	categories: categories.map((name, i) => ({
		id: `c${i}`,
		name,
		level: 1,
		parentId: null,
		sort: 0,
		icon: null,
		children: []
	})),
	brands: brands.map((name, i) => ({ id: `b${i}`, name })),
	facets: []
};
const mean = (numbers: readonly number[]) => numbers.reduce((sum, n) => sum + n, 0) / numbers.length;

async function askKnownQueries(index: CatalogueIndex) {
	const answers = [];
	for (const { q, ids } of KNOWN_QUERIES) {
		const { items } = await index.search({ q, sort: "default", pageSize: 100 });
		const found = items.map(({ id }) => id);
		answers.push({ q, ids, found, recall: ids.filter(id => found.includes(id)).length / ids.length });
	}
	return answers;
}

/** How well the index finds what the known queries mean. */
export function describeKnownQueries({ makeIndex }: Bench): void {
	let answers: Awaited<ReturnType<typeof askKnownQueries>>;
	beforeAll(async () => {
		const index = await makeIndex(entries, names);
		index.words.setSynonyms(KNOWN_SYNONYMS);
		for (const _ of index.words.vocabulary.spellWords(word =>
			pinyin(word, { toneType: "none", type: "array", v: true })
		));
		answers = await askKnownQueries(index);
	});

	it("is asked at least 200 queries", () => {
		expect(KNOWN_QUERIES.length).toBeGreaterThanOrEqual(200);
	});

	it("finds what the known queries mean: recall of 0.98 and more", () => {
		const missed = answers
			.filter(({ recall }) => recall < 1)
			.map(({ q, ids, found }) => ({ q, ids, found }));

		expect({ isEnough: mean(answers.map(({ recall }) => recall)) >= 0.98, missed }).toMatchObject({
			isEnough: true
		});
	});

	it("puts what is meant first in 0.9 of the known queries and more", () => {
		const wrong = answers.filter(({ ids, found }) => !ids.includes(found[0] ?? ""));

		const isEnough = wrong.length <= 0.1 * answers.length;
		expect({ isEnough, wrong: wrong.map(({ q, found }) => ({ q, found })) }).toMatchObject({
			isEnough: true
		});
	});

	it("answers with little else: precision of 0.7 and more", () => {
		const precisions = answers.map(
			({ ids, found }) => found.filter(id => ids.includes(id)).length / (found.length || 1)
		);

		expect(mean(precisions)).toBeGreaterThanOrEqual(0.7);
	});
}
