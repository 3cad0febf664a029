import type { Store, Where } from "../../mixins/store.mixin";
import type { Home } from "../../schemas/content.contract";
import type { Ctx } from "../../schemas/kit/service";
import { call } from "../../schemas/registry";
import type { ContentContext } from "./content.context";
import { selectShown, type Banner, type Entry, type Notice, type Section } from "./entry.domain";

/** Most entries of one kind that are enabled and have not ended. */
const MAX_CURRENT = 200;
/** Most sections that the home page shows. */
const MAX_SECTIONS = 30;
/** Time-out of the services that fill the sections; afterwards the page is shown without their part. */
const TIMEOUT_MS = 1000;
const HOT_SEARCHES_TIMEOUT_MS = 500;

type Current = {
	readonly banners: readonly Banner[];
	readonly notices: readonly Notice[];
	readonly sections: readonly Section[];
};
type Cards = Home["sections"][number]["items"];

/** All that the home page shows now. What a service that is away would add is left out. */
export async function showHome(context: ContentContext, ctx: Ctx<unknown>): Promise<Home> {
	const now = new Date();
	const current = await readCurrent(context, now);
	const sections = selectShown(current.sections, now).slice(0, MAX_SECTIONS);
	const hotSearches = fetchHotSearches(ctx);
	const shown = sections.map(async section => {
		const { _id, title, kind, categoryId, promotionId } = section;
		return { id: _id, title, kind, categoryId, promotionId, items: await fetchCards(ctx, section) };
	});
	return {
		banners: selectShown(current.banners, now).map(({ _id, title, image, link }) => ({
			id: _id,
			title,
			image,
			link
		})),
		notices: selectShown(current.notices, now).map(({ _id, title, content }) => ({
			id: _id,
			title,
			content
		})),
		sections: await Promise.all(shown),
		hotSearches: await hotSearches
	};
}

/** Entries that are shown or are to come. They are cached for half a second; the caller compares their times with the clock. */
const readCurrent = ({ banners, notices, sections, cache }: ContentContext, now: Date): Promise<Current> =>
	cache.getLocal("shown", async () => {
		const [foundBanners, foundNotices, foundSections] = await Promise.all([
			findCurrent(banners, now),
			findCurrent(notices, now),
			findCurrent(sections, now)
		]);
		return { banners: foundBanners, notices: foundNotices, sections: foundSections };
	});

const findCurrent = <E extends Entry>(store: Store<E>, now: Date): Promise<E[]> =>
	store.find({ enabled: true, $or: [{ endsAt: null }, { endsAt: { $gt: now } }] } as Where as Where<E>, {
		sort: { sort: 1, _id: 1 },
		limit: MAX_CURRENT
	});

async function fetchHotSearches(ctx: Ctx<unknown>): Promise<readonly string[]> {
	try {
		return await call(ctx, "search.hot", {}, { timeout: HOT_SEARCHES_TIMEOUT_MS });
	} catch (err) {
		ctx.broker.logger.debug({ err }, "`search` did not answer: showing a home page without hot searches");
		return [];
	}
}

async function fetchCards(ctx: Ctx<unknown>, section: Section): Promise<Cards> {
	try {
		return await readCards(ctx, section);
	} catch (err) {
		ctx.broker.logger.debug({ err }, "`products` did not answer: showing a section without products");
		return [];
	}
}

async function readCards(ctx: Ctx<unknown>, section: Section): Promise<Cards> {
	const { kind, productIds, limit: pageSize, categoryId, promotionId } = section;
	if (kind === "products") {
		const asked = { productIds: productIds.slice(0, pageSize) };
		return call(ctx, "products.cards", asked, { timeout: TIMEOUT_MS });
	}
	const listing = {
		products: {},
		category: { ...(categoryId !== null && { categoryId }) },
		promotion: { ...(promotionId !== null && { promotionId }) },
		new: { sort: "newest" },
		bestsellers: { sort: "sales" }
	} as const;
	const { items } = await call(
		ctx,
		"products.list",
		{ ...listing[kind], pageSize },
		{ timeout: TIMEOUT_MS }
	);
	return items;
}
