import type { BrandView } from "../../schemas/brands.contract";
import { fold, withoutInvisible } from "../../schemas/values/text";

export type Brand = {
	readonly _id: string;
	readonly name: string;
	/** The name folded; unique. */
	readonly nameKey: string;
	readonly firstLetter: string;
	readonly logo: string | null;
	readonly description: string | null;
	readonly categoryIds: readonly string[];
	readonly createdAt: Date;
	readonly updatedAt: Date;
};

/** The first character of each letter in pinyin order. No pinyin syllable begins with I, U or V. */
const FIRST_CHARACTERS = Array.from("吖八嚓咑妸发旮哈丌咔垃呣拏噢妑七呥仨他屲夕丫帀");
const LETTERS = "ABCDEFGHJKLMNOPQRSTWXYZ";
const byPinyin = new Intl.Collator("zh-u-co-pinyin");

/** A Latin letter without its accent, a Chinese character's pinyin initial, or `#`. */
export function firstLetterOf(name: string): string {
	const [first = ""] = withoutInvisible(name).normalize("NFKD").toUpperCase();
	if (/^[A-Z]$/.test(first)) return first;
	if (!/^\p{Script=Han}$/u.test(first)) return "#";
	return LETTERS[FIRST_CHARACTERS.findLastIndex(each => byPinyin.compare(each, first) <= 0)] ?? "#";
}

type Given = {
	readonly name?: string | undefined;
	readonly logo?: string | null | undefined;
	readonly description?: string | null | undefined;
	readonly firstLetter?: string | undefined;
	readonly categoryIds?: readonly string[] | undefined;
};

/** Fields that a patch sets. A new name also sets the first letter, unless the patch has one. */
export function patchBrand({ name, ...rest }: Given): Partial<Brand> {
	const given: Partial<Brand> = Object.fromEntries(Object.entries(rest).filter(([, v]) => v !== undefined));
	return name === undefined
		? given
		: { firstLetter: firstLetterOf(name), ...given, name, nameKey: fold(name) };
}

export const createBrand = (_id: string, given: Given & { readonly name: string }, now: Date): Brand => ({
	_id,
	name: given.name,
	nameKey: fold(given.name),
	firstLetter: given.firstLetter ?? firstLetterOf(given.name),
	logo: given.logo ?? null,
	description: given.description ?? null,
	categoryIds: given.categoryIds ?? [],
	createdAt: now,
	updatedAt: now
});

export const view = (brand: Brand): BrandView => ({
	...card(brand),
	description: brand.description,
	categoryIds: brand.categoryIds,
	createdAt: brand.createdAt.toISOString(),
	updatedAt: brand.updatedAt.toISOString()
});

export const card = ({ _id, name, logo, firstLetter }: Brand) => ({ id: _id, name, logo, firstLetter });
