import { ulid } from "ulid";
import { cacheMixin } from "../../mixins/cache.mixin";
import { collection, storeMixin } from "../../mixins/store.mixin";
import { categories } from "../../schemas/categories.contract";
import type { Ctx } from "../../schemas/kit/service";
import { notFound, Refusal } from "../../schemas/errors/errors";
import { call, fact, service } from "../../schemas/registry";
import { selectUploads } from "../../schemas/values/uploads";
import * as domain from "./category.domain";
import { readCategories, rewriteTree } from "./tree.store";

/** Owns the tree of categories. Products store the path of their category themselves and follow the facts of this service. */
export default service(categories, {
	mixins: [storeMixin({ trees: collection<domain.Tree>("categories") }), cacheMixin("categories")],

	actions: {
		tree: {
			async handler() {
				return domain.buildVisibleTree(await readCategories(this));
			}
		},
		branch: {
			async handler({ params: { id } }) {
				const node = domain.findBranch(domain.buildVisibleTree(await readCategories(this)), id);
				if (!node) throw notFound("category", id);
				return node;
			}
		},
		list: {
			async handler({ params: { parentId, page = 1, pageSize = 20 } }) {
				const all = await readCategories(this);
				const found = domain
					.sortCategories(all)
					.filter(c => parentId === undefined || c.parentId === parentId);
				const items = found.slice((page - 1) * pageSize, page * pageSize);
				return {
					items: items.map(c => domain.view(all, c)),
					page,
					pageSize,
					total: found.length
				};
			}
		},
		get: {
			async handler({ params: { id } }) {
				const all = await readCategories(this);
				return domain.view(all, domain.requireCategory(all, id));
			}
		},
		create: {
			async handler(ctx) {
				const { name, parentId = null, sort = 0, icon = null, visible = true } = ctx.params;
				const category = { id: ulid(), name, parentId, sort, icon, visible };
				await claimIcon(ctx, category.id, icon);
				const all = await rewriteTree(this, before => ({
					categories: domain.addCategory(before, category),
					facts: [fact("category.changed", { categoryId: category.id })]
				}));
				return domain.view(all, category);
			}
		},
		edit: {
			async handler(ctx) {
				const { id, ...patch } = ctx.params;
				await claimIcon(ctx, id, patch.icon);
				const all = await rewriteTree(this, before => {
					const after = domain.patchCategory(before, id, patch);
					const facts = domain.factsOfEdit(
						domain.requireCategory(before, id),
						domain.requireCategory(after, id)
					);
					return { categories: after, facts };
				});
				return domain.view(all, domain.requireCategory(all, id));
			}
		},
		remove: {
			async handler(ctx) {
				const { id } = ctx.params;
				domain.requireCategory(await readCategories(this), id);
				const used = await Promise.all([
					call(ctx, "products.uses", { categoryId: id }),
					call(ctx, "brands.uses", { categoryId: id }),
					call(ctx, "attributes.uses", { categoryId: id })
				]);
				if (used.includes(true)) throw new Refusal("IN_USE", "The category is in use", { id });
				await rewriteTree(this, before => ({ categories: domain.removeCategory(before, id) }));
				return null;
			}
		},
		paths: {
			async handler({ params: { id } }) {
				const all = await readCategories(this);
				domain.requireCategory(all, id);
				return domain.subtreeOf(all, id).map(c => ({
					id: c.id,
					path: domain.pathOf(all, c.id),
					visible: domain.isVisible(all, c.id)
				}));
			}
		},
		names: {
			async handler() {
				const all = await readCategories(this);
				const nameOf = new Map(all.map(({ id, name }) => [id, name]));
				return all.map(({ id }) => ({
					id,
					path: domain
						.pathOf(all, id)
						.map(each => nameOf.get(each) ?? "")
						.reverse()
						.join("/")
				}));
			}
		},
		import: {
			async handler({ params }) {
				await rewriteTree(this, before => {
					const known = new Set(before.map(c => c.id));
					const missing = params.categories.filter(c => !known.has(c.id));
					return {
						categories: missing.reduce(
							(all, c) => domain.addCategory(all, { ...c, visible: true }),
							[...before]
						)
					};
				});
				return null;
			}
		}
	}
});

/** Keeps the uploaded icon of a category that is about to be stored. */
async function claimIcon(ctx: Ctx<object>, id: string, icon: string | null | undefined): Promise<void> {
	const urls = selectUploads([icon]);
	if (urls.length > 0) await call(ctx, "uploads.claim", { owner: `category:${id}`, urls, field: "icon" });
}
