import { ulid } from "ulid";
import { fact } from "../../schemas/registry";
import type { SearchContext, SynonymSet } from "./search.context";

type Sets = Pick<SearchContext, "synonyms">;
const changed = (id: string) => fact("search.synonyms_changed", { synonymsId: id });

export const viewSynonyms = ({ _id, words, createdAt, updatedAt }: SynonymSet) => ({
	id: _id,
	words,
	createdAt: createdAt.toISOString(),
	updatedAt: updatedAt.toISOString()
});

export async function addSynonyms({ synonyms }: Sets, words: readonly string[]): Promise<SynonymSet> {
	const now = new Date();
	const set = { _id: ulid(), words, removed: false, createdAt: now, updatedAt: now };
	return synonyms.insert(set, changed(set._id));
}

export async function editSynonyms(
	{ synonyms }: Sets,
	id: string,
	words: readonly string[] | undefined
): Promise<SynonymSet> {
	const set = await getSynonyms({ synonyms }, id);
	if (!words) return set;
	return synonyms.mustChange(id, {}, { $set: { words, updatedAt: new Date() } }, [changed(id)]);
}

export async function removeSynonyms({ synonyms }: Sets, id: string): Promise<void> {
	await getSynonyms({ synonyms }, id);
	await synonyms.mustChange(id, {}, { $set: { removed: true, updatedAt: new Date() } }, [changed(id)]);
}

export const getSynonyms = ({ synonyms }: Sets, id: string): Promise<SynonymSet> =>
	synonyms.get(id, { removed: false });
