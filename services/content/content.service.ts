import { ulid } from "ulid";
import { cacheMixin } from "../../mixins/cache.mixin";
import { collection, storeMixin } from "../../mixins/store.mixin";
import { content } from "../../schemas/content.contract";
import { notFound } from "../../schemas/errors/errors";
import { call, service } from "../../schemas/registry";
import { fold } from "../../schemas/values/text";
import { claimPicture } from "./claim-picture";
import { checkSource } from "./check-source";
import { addEntry, editEntry, removeEntry } from "./edit-entry";
import * as domain from "./entry.domain";
import { renderMarkdown } from "./render-markdown";
import { showHome } from "./show-home";

const SHOWN = { keys: { enabled: 1, sort: 1, _id: 1 } } as const;

/** Owns what staff put on the pages of the shop: banners, notices, sections of the home page, and pages of text. */
export default service(content, {
	mixins: [
		storeMixin({
			banners: collection<domain.Banner>("banners", [SHOWN]),
			notices: collection<domain.Notice>("notices", [SHOWN]),
			sections: collection<domain.Section>("home_sections", [SHOWN]),
			pages: collection<domain.Page>("pages", [{ keys: { slugKey: 1 }, unique: true }])
		}),
		cacheMixin("content", { ttlMs: 500, max: 200 })
	],

	actions: {
		home: {
			async handler(ctx) {
				return showHome(this, ctx);
			}
		},
		page: {
			async handler({ params: { slug } }) {
				const page = await this.pages.findOne({ slugKey: fold(slug) });
				if (!page || !domain.isShown(page, new Date())) throw notFound("page", slug);
				const { title, content: markdown, html, updatedAt } = page;
				return {
					slug: page.slug,
					title,
					content: markdown,
					html,
					updatedAt: updatedAt.toISOString()
				};
			}
		},
		click: {
			async handler({ params: { id } }) {
				await this.banners.mustChange(id, {}, { $inc: { clicks: 1 } });
				return null;
			}
		},

		listBanners: {
			async handler({ params }) {
				const page = await this.banners.page({}, params);
				return { ...page, items: page.items.map(domain.viewBanner) };
			}
		},
		getBanner: {
			async handler({ params: { id } }) {
				return domain.viewBanner(await this.banners.get(id));
			}
		},
		addBanner: {
			async handler(ctx) {
				const id = ulid();
				await claimPicture(ctx, id, ctx.params.image);
				const banner = await addEntry(this, this.banners, domain.createBanner, ctx.params, id);
				return domain.viewBanner(banner);
			}
		},
		editBanner: {
			async handler(ctx) {
				const { id, ...patch } = ctx.params;
				await claimPicture(ctx, id, patch.image);
				const edit = (banner: domain.Banner, now: Date) => domain.patchBanner(banner, patch, now);
				return domain.viewBanner(await editEntry(this, this.banners, id, edit));
			}
		},
		removeBanner: {
			async handler(ctx) {
				const { id } = ctx.params;
				await removeEntry(this, this.banners, id);
				await call(ctx, "uploads.release", { owner: `banner:${id}` });
				return null;
			}
		},

		listNotices: {
			async handler({ params }) {
				const page = await this.notices.page({}, params);
				return { ...page, items: page.items.map(domain.viewNotice) };
			}
		},
		getNotice: {
			async handler({ params: { id } }) {
				return domain.viewNotice(await this.notices.get(id));
			}
		},
		addNotice: {
			async handler({ params }) {
				return domain.viewNotice(await addEntry(this, this.notices, domain.createNotice, params));
			}
		},
		editNotice: {
			async handler({ params: { id, ...patch } }) {
				const edit = (notice: domain.Notice, now: Date) => domain.patchNotice(notice, patch, now);
				return domain.viewNotice(await editEntry(this, this.notices, id, edit));
			}
		},
		removeNotice: {
			async handler({ params: { id } }) {
				return removeEntry(this, this.notices, id);
			}
		},

		listSections: {
			async handler({ params }) {
				const page = await this.sections.page({}, params);
				return { ...page, items: page.items.map(domain.viewSection) };
			}
		},
		getSection: {
			async handler({ params: { id } }) {
				return domain.viewSection(await this.sections.get(id));
			}
		},
		addSection: {
			async handler(ctx) {
				await checkSource(ctx, domain.createSection("", ctx.params, new Date()));
				const section = await addEntry(this, this.sections, domain.createSection, ctx.params);
				return domain.viewSection(section);
			}
		},
		editSection: {
			async handler(ctx) {
				const { id, ...patch } = ctx.params;
				const section = await editEntry(this, this.sections, id, async (before, now) => {
					const after = domain.patchSection(before, patch, now);
					await checkSource(ctx, after);
					return after;
				});
				return domain.viewSection(section);
			}
		},
		removeSection: {
			async handler({ params: { id } }) {
				return removeEntry(this, this.sections, id);
			}
		},

		listPages: {
			async handler({ params }) {
				const page = await this.pages.page({}, params);
				return { ...page, items: page.items.map(domain.viewPage) };
			}
		},
		getPage: {
			async handler({ params: { id } }) {
				return domain.viewPage(await this.pages.get(id));
			}
		},
		addPage: {
			async handler({ params }) {
				const given = { ...params, html: await renderMarkdown(params.content) };
				return domain.viewPage(await addEntry(this, this.pages, domain.createPage, given));
			}
		},
		editPage: {
			async handler({ params: { id, ...given } }) {
				const { content: markdown } = given;
				const html = markdown !== undefined && { html: await renderMarkdown(markdown) };
				const patch = { ...given, ...html };
				const edit = (page: domain.Page, now: Date) => domain.patchPage(page, patch, now);
				return domain.viewPage(await editEntry(this, this.pages, id, edit));
			}
		},
		removePage: {
			async handler({ params: { id } }) {
				return removeEntry(this, this.pages, id);
			}
		},

		import: {
			async handler({ params }) {
				const now = new Date();
				await this.banners.insertMissing(
					params.banners.map(({ id, ...given }) => domain.createBanner(id, given, now))
				);
				await this.notices.insertMissing(
					params.notices.map(({ id, ...given }) => domain.createNotice(id, given, now))
				);
				await this.sections.insertMissing(
					params.sections.map(({ id, ...given }) => domain.createSection(id, given, now))
				);
				for (const { id, ...given } of params.pages) {
					const html = await renderMarkdown(given.content);
					const page = domain.createPage(id, { ...given, html }, now);
					await this.pages.insertOnce(page, { $or: [{ _id: id }, { slugKey: page.slugKey }] });
				}
				await this.cache.clean("shown");
				return null;
			}
		}
	}
});
