import type { SearchEntry } from "../../../schemas/search.contract";
import { foldText } from "../text/fold-text.domain";
import { forEachToken } from "../text/split-text.domain";
import { FIELDS } from "./match-text.domain";

/** Of a description only the beginning is indexed. */
const MAX_DESCRIPTION = 2000;

/** The different values of attributes of a product and its SKUs. */
export const valuesOf = (entry: SearchEntry): Set<string> =>
	new Set([entry, ...entry.skus].flatMap(({ attributes }) => Object.values(attributes)));

/** The tokens under which a product is found, each with the bits of the fields in which it stands. */
export function collectTokens(entry: SearchEntry): Map<string, number> {
	const fields = new Map<string, number>();
	const addText = (text: string, field: number) => {
		forEachToken(foldText(text), token => fields.set(token, (fields.get(token) ?? 0) | field));
	};
	addText(entry.name, FIELDS.name);
	for (const value of valuesOf(entry)) addText(value, FIELDS.attribute);
	const details = [entry.subtitle ?? "", ...entry.skus.flatMap(({ code, name }) => [code, name ?? ""])];
	for (const text of new Set(details)) addText(text, FIELDS.detail);
	if (entry.description) addText(entry.description.slice(0, MAX_DESCRIPTION), FIELDS.description);
	return fields;
}
