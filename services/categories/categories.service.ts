import { ulid } from "ulid";
import { cacheMixin, type KeyedCache } from "../../mixins/cache.mixin";
import { collection, storeMixin, type Store } from "../../mixins/store.mixin";
import { categories } from "../../schemas/categories.contract";
import { Refusal } from "../../schemas/errors";
import { call, fact, service, type Fact } from "../../schemas/registry";
import * as domain from "./category.domain";

/** Owns the tree of categories. Where a product stands is the product's; what moves here it hears of. */
export default service(categories, {
	mixins: [storeMixin({ trees: collection<domain.Tree>("categories") }), cacheMixin("categories")],

	actions: {
		tree: {
			async handler() {
				return domain.visibleTree(await all(this));
			}
		},
		branch: {
			async handler({ params: { id } }) {
				const node = domain.branchOf(domain.visibleTree(await all(this)), id);
				if (!node) throw new Refusal("NOT_FOUND", "No such category", { id });
				return node;
			}
		},
		list: {
			async handler({ params: { parentId, page = 1, pageSize = 20 } }) {
				const known = await all(this);
				const asked = domain
					.inOrder(known)
					.filter(c => parentId === undefined || c.parentId === parentId);
				const items = asked
					.slice((page - 1) * pageSize, page * pageSize)
					.map(c => domain.view(known, c));
				return { items, page, pageSize, total: asked.length };
			}
		},
		get: {
			async handler({ params: { id } }) {
				const known = await all(this);
				return domain.view(known, domain.found(known, id));
			}
		},
		create: {
			async handler({ params: { name, parentId = null, sort = 0, icon = null, visible = true } }) {
				const category = { id: ulid(), name, parentId, sort, icon, visible };
				const now = await write(this, known => {
					domain.refuseSameName(known, category);
					return { next: domain.added(known, category) };
				});
				return domain.view(now, category);
			}
		},
		edit: {
			async handler({ params: { id, ...patch } }) {
				const now = await write(this, known => {
					const next = domain.edited(known, id, patch);
					const [before, after] = [domain.found(known, id), domain.found(next, id)];
					const facts: Fact[] = [];
					if (after.parentId !== before.parentId)
						facts.push(fact("category.moved", { categoryId: id }));
					if (after.visible !== before.visible)
						facts.push(
							after.visible
								? fact("category.shown", { categoryId: id })
								: fact("category.hidden", { categoryId: id })
						);
					return { next, facts };
				});
				return domain.view(now, domain.found(now, id));
			}
		},
		remove: {
			async handler(ctx) {
				const { id } = ctx.params;
				domain.found(await all(this), id);
				const used = await Promise.all([
					call(ctx, "products.uses", { categoryId: id }),
					call(ctx, "brands.uses", { categoryId: id }),
					call(ctx, "attributes.uses", { categoryId: id })
				]);
				if (used.includes(true)) throw new Refusal("IN_USE", "The category is in use", { id });
				await write(this, known => ({ next: domain.removed(known, id) }));
				return null;
			}
		},
		paths: {
			async handler({ params: { id } }) {
				const known = await all(this);
				domain.found(known, id);
				return domain.under(known, id).map(c => ({
					id: c.id,
					path: domain.pathOf(known, c.id),
					visible: domain.isVisible(known, c.id)
				}));
			}
		},
		import: {
			async handler({ params }) {
				await write(this, known => {
					const there = new Set(known.map(c => c.id));
					const fresh = params.categories.filter(c => !there.has(c.id));
					return {
						next: fresh.reduce((sum, c) => domain.added(sum, { ...c, visible: true }), [...known])
					};
				});
				return null;
			}
		}
	}
});

type Self = { readonly trees: Store<domain.Tree>; readonly cache: KeyedCache };
type Change = { readonly next: readonly domain.Category[]; readonly facts?: readonly Fact[] };

const EMPTY: domain.Tree = { _id: "tree", version: 0, categories: [] };

async function all({ trees, cache }: Self): Promise<readonly domain.Category[]> {
	const tree = await cache.get("tree", () => trees.findOne({ _id: "tree" }));
	return tree?.categories ?? [];
}

/** Changes the tree as it is stored, and decides again when another write came first; answers the categories after it. */
async function write(
	{ trees, cache }: Self,
	decide: (known: readonly domain.Category[]) => Change
): Promise<readonly domain.Category[]> {
	const { categories: changed } = await trees.rewrite(
		EMPTY._id,
		({ version, categories: known }) => {
			const { next, facts = [] } = decide(known);
			return {
				guard: { version },
				update: { $set: { categories: next }, $inc: { version: 1 } },
				facts
			};
		},
		{ initial: EMPTY }
	);
	await cache.clean("tree");
	return changed;
}
