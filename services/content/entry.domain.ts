import { invalid } from "../../schemas/errors/errors";
import { fold } from "../../schemas/values/text";
import {
	DEFAULT_SECTION_ITEMS,
	type BannerPatch,
	type BannerView,
	type NewBanner,
	type NewNotice,
	type NewPage,
	type NewPlan,
	type NewSection,
	type NoticePatch,
	type NoticeView,
	type PagePatch,
	type PageView,
	type SectionPatch,
	type SectionView
} from "../../schemas/content.contract";

/** Fields of every entry. It is shown from `startsAt` until `endsAt`, null for ever, while it is enabled. */
export type Entry = {
	readonly _id: string;
	readonly startsAt: Date | null;
	readonly endsAt: Date | null;
	/** Lower comes first; entries with the same number by age, the oldest first. */
	readonly sort: number;
	readonly enabled: boolean;
	readonly createdAt: Date;
	readonly updatedAt: Date;
};
export type Banner = Entry & {
	readonly title: string;
	readonly image: string;
	readonly link: string | null;
	readonly clicks: number;
};
export type Notice = Entry & { readonly title: string; readonly content: string };
export type Section = Entry & {
	readonly title: string;
	readonly kind: SectionView["kind"];
	readonly categoryId: string | null;
	readonly promotionId: string | null;
	readonly productIds: readonly string[];
	/** Most cards that it shows. */
	readonly limit: number;
};
export type Page = Entry & {
	readonly slug: string;
	/** The slug folded; unique. */
	readonly slugKey: string;
	readonly title: string;
	/** Markdown. */
	readonly content: string;
	/** What `renderMarkdown` made of the content when it was written. */
	readonly html: string;
};

const toDate = (time: string | null | undefined): Date | null => (time ? new Date(time) : null);

const createEntry = (_id: string, given: NewPlan, now: Date): Entry => ({
	_id,
	startsAt: toDate(given.startsAt),
	endsAt: toDate(given.endsAt),
	sort: given.sort ?? 0,
	enabled: given.enabled ?? true,
	createdAt: now,
	updatedAt: now
});

export const createBanner = (id: string, given: NewBanner, now: Date): Banner => ({
	...createEntry(id, given, now),
	title: given.title,
	image: given.image,
	link: given.link ?? null,
	clicks: 0
});
export const createNotice = (id: string, given: NewNotice, now: Date): Notice => ({
	...createEntry(id, given, now),
	title: given.title,
	content: given.content
});
export const createSection = (id: string, given: NewSection, now: Date): Section => ({
	...createEntry(id, given, now),
	title: given.title,
	kind: given.kind,
	categoryId: given.categoryId ?? null,
	promotionId: given.promotionId ?? null,
	productIds: given.productIds ?? [],
	limit: given.limit ?? DEFAULT_SECTION_ITEMS
});
export const createPage = (id: string, given: NewPage & Pick<Page, "html">, now: Date): Page => ({
	...createEntry(id, given, now),
	slug: given.slug,
	slugKey: fold(given.slug),
	title: given.title,
	content: given.content,
	html: given.html
});

/** The entry with the fields of a patch, times as dates; those that the patch leaves out stay. */
function patchEntry<E extends Entry>(
	entry: E,
	{ startsAt, endsAt, ...patch }: NewPlan & Readonly<Record<string, unknown>>,
	now: Date
): E {
	const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
	return {
		...entry,
		...given,
		...(startsAt !== undefined && { startsAt: toDate(startsAt) }),
		...(endsAt !== undefined && { endsAt: toDate(endsAt) }),
		updatedAt: now
	};
}
export const patchBanner = (banner: Banner, patch: BannerPatch, now: Date): Banner =>
	patchEntry(banner, patch, now);
export const patchNotice = (notice: Notice, patch: NoticePatch, now: Date): Notice =>
	patchEntry(notice, patch, now);
export const patchSection = (
	section: Section,
	{ productIds, limit, ...patch }: SectionPatch,
	now: Date
): Section => ({
	...patchEntry(section, patch, now),
	...(productIds !== undefined && { productIds: productIds ?? [] }),
	...(limit !== undefined && { limit: limit ?? DEFAULT_SECTION_ITEMS })
});
/** `patch.html` stands beside new content. */
export const patchPage = (page: Page, patch: PagePatch & { readonly html?: string }, now: Date): Page => {
	const after = patchEntry(page, patch, now);
	return { ...after, slugKey: fold(after.slug) };
};

/** Refuses an entry that would never be shown because it ends before it starts. */
export function checkPlan({ startsAt, endsAt }: Entry): void {
	if (startsAt && endsAt && endsAt <= startsAt) throw invalid("endsAt", "afterStart");
}

export const isShown = ({ enabled, startsAt, endsAt }: Entry, now: Date): boolean =>
	enabled && (!startsAt || startsAt <= now) && (!endsAt || now < endsAt);

/** The entries that are shown now, in their order. */
export const selectShown = <E extends Entry>(entries: readonly E[], now: Date): E[] =>
	entries.filter(entry => isShown(entry, now)).sort((a, b) => a.sort - b.sort || (a._id < b._id ? -1 : 1));

const viewEntry = ({ _id, startsAt, endsAt, sort, enabled, createdAt, updatedAt }: Entry) => ({
	id: _id,
	startsAt: startsAt?.toISOString() ?? null,
	endsAt: endsAt?.toISOString() ?? null,
	sort,
	enabled,
	createdAt: createdAt.toISOString(),
	updatedAt: updatedAt.toISOString()
});
export const viewBanner = (banner: Banner): BannerView => {
	const { title, image, link, clicks } = banner;
	return { ...viewEntry(banner), title, image, link, clicks };
};
export const viewNotice = (notice: Notice): NoticeView => {
	const { title, content } = notice;
	return { ...viewEntry(notice), title, content };
};
export const viewSection = (section: Section): SectionView => {
	const { title, kind, categoryId, promotionId, productIds, limit } = section;
	return { ...viewEntry(section), title, kind, categoryId, promotionId, productIds, limit };
};
export const viewPage = (page: Page): PageView => {
	const { slug, title, content } = page;
	return { ...viewEntry(page), slug, title, content };
};
