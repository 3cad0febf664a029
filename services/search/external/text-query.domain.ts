import { WEIGHT_OF, MIN_NAME_SCORE, MAX_NAMESAKES, NAMESAKE_BONUS } from "../index/match-text.domain";
import type { NameTable } from "../index/catalogue-names.domain";
import type { Alternative, Term } from "../text/parse-query.domain";
import { allOf, terms as anyTerm, type Query } from "./filter-query.domain";
import { TEXT_FIELDS } from "./index-document.domain";

/** Most clauses for tokens that must stand together; the engine allows 1,024 in all. The surest alternatives come first. */
const MAX_CLAUSES = 800;

const constant = (filter: Query, boost: number): Query => ({ constant_score: { filter, boost } });
const term = (field: string, token: string): Query => ({ term: { [field]: token } });

/**
 * Products that match every term, scored as the index in memory does: each term by its best alternative, the weight of the
 * field times its certainty, and more for a name in a category of that name.
 *
 * Two things differ. Where the tokens of a synonym stand in different fields, the weakest field in which any of them stands
 * counts. And of very many words that a query may spell, the least frequent ones are left out.
 */
export function buildTextQuery(asked: readonly Term[], names: NameTable): Query {
	const budget = { clauses: MAX_CLAUSES };
	return { bool: { must: asked.map(one => buildTerm(one, names, budget)) } };
}

type Budget = { clauses: number };

function buildTerm({ text, alternatives }: Term, names: NameTable, budget: Budget): Query {
	const queries = [
		...matchSingleTokens(alternatives),
		...alternatives.flatMap(alternative => matchTogether(alternative, budget)),
		...matchNamedEntities(alternatives, names)
	];
	const best = queries.length > 0 ? { dis_max: { queries } } : { match_none: {} };
	const spelled = alternatives.flatMap(({ word }) => word ?? []).slice(0, MAX_NAMESAKES);
	const namesakes = [...names.categories.values()].filter(({ folded }) =>
		[text, ...spelled].some(word => folded.endsWith(word))
	);
	const sure = alternatives.filter(({ certainty }) => WEIGHT_OF.name * certainty >= MIN_NAME_SCORE);
	const single = sure.flatMap(({ tokens }) => (tokens.length === 1 ? tokens : []));
	const several = sure.filter(({ tokens }) => tokens.length > 1).slice(0, MAX_NAMESAKES + 1);
	const byName = [
		...(single.length > 0 ? [anyTerm("name", single)] : []),
		...several.map(({ tokens }) => allOf(tokens.map(token => term("name", token))))
	];
	if (namesakes.length === 0 || byName.length === 0) return best;
	const bonus = allOf([
		anyTerm(
			"categoryId",
			namesakes.map(({ id }) => id)
		),
		{ bool: { should: byName, minimum_should_match: 1 } }
	]);
	return { bool: { must: [best], should: [constant(bonus, NAMESAKE_BONUS)] } };
}

/** Alternatives of one token: one clause for a field and all of the same certainty. */
function matchSingleTokens(alternatives: readonly Alternative[]): Query[] {
	const byCertainty = Map.groupBy(
		alternatives.filter(({ tokens }) => tokens.length === 1),
		({ certainty }) => certainty
	);
	return [...byCertainty].flatMap(([certainty, group]) => {
		const found = group.flatMap(({ tokens }) => tokens);
		return TEXT_FIELDS.map(field => constant(anyTerm(field, found), WEIGHT_OF[field] * certainty));
	});
}

/** An alternative of several tokens: all in one field, or else each anywhere. */
function matchTogether({ tokens, sameField, certainty }: Alternative, budget: Budget): Query[] {
	const cost = tokens.length * (TEXT_FIELDS.length + 3);
	if (tokens.length < 2 || budget.clauses < cost) return [];
	budget.clauses -= cost;
	const together = TEXT_FIELDS.map(field =>
		constant(allOf(tokens.map(token => term(field, token))), WEIGHT_OF[field] * certainty)
	);
	if (sameField) return together;
	const everywhere = tokens.map(token => term("any", token));
	const inDescription = anyTerm("description", tokens);
	const inDetail = anyTerm("detail", tokens);
	return [
		...together,
		constant(allOf([...everywhere, inDescription]), WEIGHT_OF.description * certainty),
		constant(
			{ bool: { filter: [...everywhere, inDetail], must_not: [inDescription] } },
			WEIGHT_OF.detail * certainty
		),
		constant(
			{ bool: { filter: everywhere, must_not: [inDescription, inDetail] } },
			WEIGHT_OF.attribute * certainty
		)
	];
}

/** Products whose brand or category, or one above it, has the tokens of an alternative in its name. */
function matchNamedEntities(alternatives: readonly Alternative[], names: NameTable): Query[] {
	const byCertainty = Map.groupBy(alternatives, ({ certainty }) => certainty);
	return [...byCertainty].flatMap(([certainty, group]) => {
		const wanted = new Set(group.flatMap(({ tokens }) => names.findCategories(tokens)));
		const categories = [...names.categories.values()].filter(({ path }) =>
			path.some(id => wanted.has(id))
		);
		const brands = group.flatMap(({ tokens }) => names.findBrands(tokens));
		const boost = WEIGHT_OF.attribute * certainty;
		return [
			...(categories.length > 0
				? [
						constant(
							anyTerm(
								"categoryId",
								categories.map(({ id }) => id)
							),
							boost
						)
					]
				: []),
			...(brands.length > 0 ? [constant(anyTerm("brandId", brands), boost)] : [])
		];
	});
}
