import { action, contract } from "./kit/contract";
import * as r from "./kit/rules";
import { line, prose, url } from "./kit/text-rules";
import { cardRule } from "./products.views";

const SECTION_KINDS = ["products", "category", "promotion", "new", "bestsellers"] as const;
const sectionKind = r.oneOf(...SECTION_KINDS);
/** Cards of a section that names no `limit`. */
export const DEFAULT_SECTION_ITEMS = 10;

const sort = () => r.int({ min: -1_000_000, max: 1_000_000, about: "Lower comes first" });
/** When an entry is shown: from `startsAt`, before `endsAt`, and only while it is enabled. */
const plan = {
	startsAt: r.opt(r.orNull(r.time())),
	endsAt: r.opt(r.orNull(r.time())),
	sort: r.opt(sort()),
	enabled: r.opt(r.bool())
};
export type NewPlan = r.FieldsOf<typeof plan>;
const plannedView = {
	id: r.id(),
	startsAt: r.orNull(r.time()),
	endsAt: r.orNull(r.time()),
	sort: r.int(),
	enabled: r.bool(),
	createdAt: r.time(),
	updatedAt: r.time()
};

const title = () => line({ max: 80 });
/** The ASCII letters of a slug are compared without regard to case. */
const slug = () => r.str({ max: 80, pattern: /^[\w][\w.-]*$/ });
const noticeContent = () => prose({ max: 2000 });
const pageContent = () => prose({ max: 20_000, about: "Markdown" });

const newBanner = { title: title(), image: url(), link: r.opt(r.orNull(url())), ...plan };
export type NewBanner = r.FieldsOf<typeof newBanner>;
const bannerPatch = {
	title: r.opt(title()),
	image: r.opt(url()),
	link: r.opt(r.orNull(url())),
	...plan
};
export type BannerPatch = r.FieldsOf<typeof bannerPatch>;
const shownBanner = { id: r.id(), title: r.str(), image: r.str(), link: r.orNull(r.str()) };
const banner = r.obj({ ...plannedView, ...shownBanner, clicks: r.int({ min: 0 }) });
export type BannerView = r.TypeOf<typeof banner>;

const newNotice = { title: title(), content: noticeContent(), ...plan };
export type NewNotice = r.FieldsOf<typeof newNotice>;
const noticePatch = { title: r.opt(title()), content: r.opt(noticeContent()), ...plan };
export type NoticePatch = r.FieldsOf<typeof noticePatch>;
const shownNotice = { id: r.id(), title: r.str(), content: r.text() };
const notice = r.obj({ ...plannedView, ...shownNotice });
export type NoticeView = r.TypeOf<typeof notice>;

/** Source of the products of a section: those named, or those of a category or promotion. */
const source = {
	categoryId: r.opt(r.orNull(r.id())),
	promotionId: r.opt(r.orNull(r.id())),
	productIds: r.opt(r.orNull(r.list(r.id(), { max: 50, unique: true }))),
	limit: r.opt(r.orNull(r.int({ min: 1, max: 50 })))
};
const newSection = { title: title(), kind: sectionKind, ...source, ...plan };
export type NewSection = r.FieldsOf<typeof newSection>;
const sectionPatch = { title: r.opt(title()), kind: r.opt(sectionKind), ...source, ...plan };
export type SectionPatch = r.FieldsOf<typeof sectionPatch>;
const section = r.obj({
	...plannedView,
	title: r.str(),
	kind: sectionKind,
	categoryId: r.orNull(r.id()),
	promotionId: r.orNull(r.id()),
	productIds: r.list(r.id()),
	limit: r.int({ min: 1, max: 50 })
});
export type SectionView = r.TypeOf<typeof section>;

const newPage = { slug: slug(), title: title(), content: pageContent(), ...plan };
export type NewPage = r.FieldsOf<typeof newPage>;
const pagePatch = { slug: r.opt(slug()), title: r.opt(title()), content: r.opt(pageContent()), ...plan };
export type PagePatch = r.FieldsOf<typeof pagePatch>;
const page = r.obj({ ...plannedView, slug: r.str(), title: r.str(), content: r.text() });
export type PageView = r.TypeOf<typeof page>;

const home = r.obj({
	banners: r.list(r.obj(shownBanner)),
	notices: r.list(r.obj(shownNotice)),
	sections: r.list(
		r.obj({
			id: r.id(),
			title: r.str(),
			kind: sectionKind,
			categoryId: r.orNull(r.id()),
			promotionId: r.orNull(r.id()),
			items: r.list(cardRule())
		})
	),
	/** Queries that people use; empty while the search is away. */
	hotSearches: r.list(r.str())
});
export type Home = r.TypeOf<typeof home>;

const staff = ["merchandiser"] as const;
const added = { status: 201 } as const;
const missing = { errors: ["NOT_FOUND"] } as const;

/** The five routes of one kind of entry under `/admin/<path>`; `errors` are those of adding and changing. */
const editingRoutes = <V, N extends r.Shape, P extends r.Shape>(
	path: string,
	what: string,
	{ view, given, patch }: { readonly view: r.Rule<V>; readonly given: N; readonly patch: P },
	errors: readonly "DUPLICATE"[] = []
) => ({
	list: action(r.cursorPaging)
		.returns(r.pageOf(view))
		.rest(`GET /admin/${path}`, staff, `Every ${what}, newest first`),
	get: action({ id: r.id() }).returns(view).rest(`GET /admin/${path}/:id`, staff, `One ${what}`, missing),
	add: action(given)
		.returns(view)
		.rest(`POST /admin/${path}`, staff, `Add a ${what}`, { ...added, errors }),
	edit: action({ id: r.id(), ...patch })
		.returns(view)
		.rest(`PATCH /admin/${path}/:id`, staff, `Change a ${what}`, { errors: ["NOT_FOUND", ...errors] }),
	remove: action({ id: r.id() })
		.returns(r.nothing)
		.rest(`DELETE /admin/${path}/:id`, staff, `Remove a ${what}`, missing)
});
const bannerRoutes = editingRoutes("banners", "banner", {
	view: banner,
	given: newBanner,
	patch: bannerPatch
});
const noticeRoutes = editingRoutes("notices", "notice", {
	view: notice,
	given: newNotice,
	patch: noticePatch
});
const sectionRoutes = editingRoutes("home-sections", "section of the home page", {
	view: section,
	given: newSection,
	patch: sectionPatch
});
const pageRoutes = editingRoutes("pages", "page", { view: page, given: newPage, patch: pagePatch }, [
	"DUPLICATE"
]);

const withId = <S extends r.Shape>(fields: S) => r.list(r.obj({ id: r.id(), ...fields }), { max: 100 });

export const content = contract("content", {
	home: action({})
		.returns(home)
		.rest("GET /content/home", "public", "All that a home page shows", {
			cacheTags: () => ["content", "products", "promotions", "search"]
		}),
	page: action({ slug: slug() })
		.returns(
			r.obj({ slug: r.str(), title: r.str(), content: r.text(), html: r.text(), updatedAt: r.time() })
		)
		.rest("GET /content/pages/:slug", "public", "A page, as Markdown and as safe HTML", {
			...missing,
			cacheTags: () => ["content"]
		}),
	click: action({ id: r.id() })
		.returns(r.nothing)
		.rest("POST /content/banners/:id/click", "public", "Count a click on a banner", missing),

	listBanners: bannerRoutes.list,
	getBanner: bannerRoutes.get,
	addBanner: bannerRoutes.add,
	editBanner: bannerRoutes.edit,
	removeBanner: bannerRoutes.remove,
	listNotices: noticeRoutes.list,
	getNotice: noticeRoutes.get,
	addNotice: noticeRoutes.add,
	editNotice: noticeRoutes.edit,
	removeNotice: noticeRoutes.remove,
	listSections: sectionRoutes.list,
	getSection: sectionRoutes.get,
	addSection: sectionRoutes.add,
	editSection: sectionRoutes.edit,
	removeSection: sectionRoutes.remove,
	listPages: pageRoutes.list,
	getPage: pageRoutes.get,
	addPage: pageRoutes.add,
	editPage: pageRoutes.edit,
	removePage: pageRoutes.remove,

	/** Adds the entries that are missing; the others stay as they are. */
	import: action(
		{
			banners: withId(newBanner),
			notices: withId(newNotice),
			sections: withId(newSection),
			pages: withId(newPage)
		},
		{ repeatable: true }
	).returns(r.nothing)
});
