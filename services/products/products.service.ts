import { ulid } from "ulid";
import { cacheMixin } from "../../mixins/cache.mixin";
import { configMixin } from "../../mixins/config.mixin";
import { scheduleMixin } from "../../mixins/schedule.mixin";
import { collection, storeMixin } from "../../mixins/store.mixin";
import { Refusal } from "../../schemas/errors";
import { products } from "../../schemas/products.contract";
import { service } from "../../schemas/registry";
import * as domain from "./product.domain";
import * as edits from "./sku.domain";
import { imported } from "./imported-product.domain";
import {
	followCategories,
	followCategory,
	hearLevel,
	hearSales,
	hiddenAmong,
	type Counted
} from "./follow-category";
import { LIST_INDEXES, listed, searched, SORTS } from "./product-query.domain";
import * as reading from "./read-products";
import { checkDeclared, checkReferences, placeOf } from "./check-references";
import { forgetCounted, keepShelfTimes } from "./sweep-schedules";
import * as view from "./product-view.domain";
import { cancelSchedule, edit, move, removeOnceTold, sameCode, schedule, type Self } from "./edit-product";

/** Owns products with their SKUs and prices. Stock is the inventory's; whether there is any is kept here for the lists. */
export default service(products, {
	dependencies: ["categories", "brands", "tags", "attributes"],
	mixins: [
		storeMixin({
			products: collection<domain.Product>("products", [
				{ keys: { "skus.codeKey": 1 }, unique: true },
				{ keys: { "schedule.at": 1 }, sparse: true },
				...LIST_INDEXES
			]),
			counted: collection<Counted>("products_counted", [{ keys: { at: 1 } }])
		}),
		cacheMixin("products"),
		configMixin,
		scheduleMixin(
			{ name: "shelf", every: "products.sweepEvery", run: keepShelfTimes },
			{ name: "counted", every: "housekeeping.sweepEvery", run: forgetCounted }
		)
	],

	actions: {
		list: {
			async handler({ params: { sort = "default", ...asked } }) {
				const page = await reading.page(this, listed(asked), asked, SORTS[sort]);
				return { ...page, items: page.items.map(view.card) };
			}
		},
		get: {
			async handler(ctx) {
				const product = await reading.cached(this, ctx.params.id);
				if (product?.status !== "on_shelf")
					throw new Refusal("NOT_FOUND", "No such product on the shelf", { id: ctx.params.id });
				return view.detail(product, await reading.levels(this, ctx, product));
			}
		},
		skus: {
			async handler({ params: { skuIds } }) {
				return reading.skus(this, skuIds);
			}
		},
		prices: {
			async handler({ params: { skuIds } }) {
				const found = await reading.skus(this, skuIds);
				return found.map(({ skuId, price, currency, onShelf }) => ({
					skuId,
					price,
					currency,
					onShelf
				}));
			}
		},

		adminList: {
			async handler({ params }) {
				const page = await reading.page(this, searched(params), params, SORTS.newest);
				return { ...page, items: page.items.map(view.adminCard) };
			}
		},
		adminGet: {
			async handler(ctx) {
				return reading.staffView(this, ctx, await this.products.get(ctx.params.id));
			}
		},
		create: {
			async handler(ctx) {
				const { skus, ...given } = ctx.params;
				const _id = ulid();
				await checkReferences(ctx, given);
				const content = {
					name: given.name,
					subtitle: given.subtitle ?? null,
					description: given.description ?? null,
					images: given.images ?? [],
					attributes: given.attributes ?? {},
					tagIds: given.tagIds ?? [],
					categoryId: given.categoryId,
					...(await placeOf(ctx, given.categoryId)),
					brandId: given.brandId ?? null,
					skus: edits.newSkus(_id, skus)
				};
				await checkDeclared(ctx, content);
				const product = await this.products
					.insert(domain.created(_id, content, new Date()))
					.catch(sameCode);
				return reading.staffView(this, ctx, await followCategory(this, ctx, product));
			}
		},
		edit: {
			async handler(ctx) {
				const { id, version, ...patch } = ctx.params;
				await checkReferences(ctx, patch);
				const product = await edit(this, id, version, async old => {
					const place = patch.categoryId === undefined ? {} : await placeOf(ctx, patch.categoryId);
					const edited = { ...edits.patched(old, patch), ...place };
					if (patch.categoryId ?? patch.attributes ?? patch.skus)
						await checkDeclared(ctx, { ...old, ...edited }, { before: old });
					return edited;
				});
				return reading.staffView(this, ctx, await followCategory(this, ctx, product));
			}
		},
		remove: {
			async handler({ params: { id } }) {
				await removeOnceTold(this, id);
				return null;
			}
		},
		submit: {
			async handler(ctx) {
				return reading.staffView(this, ctx, await move(this, ctx.params.id, "pending"));
			}
		},
		approve: {
			async handler(ctx) {
				return reading.staffView(this, ctx, await move(this, ctx.params.id, "approved"));
			}
		},
		reject: {
			async handler(ctx) {
				const { id, reason } = ctx.params;
				return reading.staffView(this, ctx, await move(this, id, "rejected", { reason }));
			}
		},
		onShelf: {
			async handler(ctx) {
				return reading.staffView(this, ctx, await nowOrLater(this, ctx.params, "on_shelf"));
			}
		},
		offShelf: {
			async handler(ctx) {
				return reading.staffView(this, ctx, await nowOrLater(this, ctx.params, "off_shelf"));
			}
		},
		cancelSchedule: {
			async handler(ctx) {
				return reading.staffView(this, ctx, await cancelSchedule(this, ctx.params.id));
			}
		},
		addSku: {
			async handler(ctx) {
				const { id, version, ...given } = ctx.params;
				const product = await edit(this, id, version, async old => {
					const edited = edits.withSku(old, given);
					const skuId = edited.skus?.at(-1)?.id;
					await checkDeclared(ctx, { ...old, ...edited }, { before: old, skuId });
					return edited;
				});
				const sku = product.skus.find(({ code }) => code === given.code);
				return reading.staffSkuView(this, ctx, product, sku?.id ?? "");
			}
		},
		editSku: {
			async handler(ctx) {
				const { id, skuId, version, ...patch } = ctx.params;
				const product = await edit(this, id, version, async old => {
					const edited = edits.withSkuPatched(old, skuId, patch);
					if (patch.attributes)
						await checkDeclared(ctx, { ...old, ...edited }, { before: old, skuId });
					return edited;
				});
				return reading.staffSkuView(this, ctx, product, skuId);
			}
		},
		removeSku: {
			async handler({ params: { id, skuId } }) {
				await edit(this, id, undefined, old => edits.withoutSku(old, skuId));
				return null;
			}
		},

		uses: {
			async handler({ params: { categoryId, brandId, tagId, attribute } }) {
				const where = {
					...(categoryId !== undefined && { categoryPath: categoryId }),
					...(brandId !== undefined && { brandId }),
					...(tagId !== undefined && { tagIds: tagId }),
					...(attribute !== undefined && { pairs: domain.pairOf(attribute, "") })
				};
				return (await this.products.findOne(where, { fields: ["_id"] })) !== null;
			}
		},
		import: {
			async handler(ctx) {
				const { products } = ctx.params;
				const hidden = await hiddenAmong(ctx, new Set(products.map(({ categoryId }) => categoryId)));
				const now = new Date();
				await this.products.insertMissing(
					products.map(given => imported(given, hidden.has(given.categoryId), now))
				);
				await this.cache.clean();
				return null;
			}
		}
	},

	events: {
		async "category.moved"(ctx) {
			await followCategories(this, ctx, ctx.params.categoryId);
		},
		async "category.hidden"(ctx) {
			await followCategories(this, ctx, ctx.params.categoryId);
		},
		async "category.shown"(ctx) {
			await followCategories(this, ctx, ctx.params.categoryId);
		},
		async "stock.level_changed"(ctx) {
			await hearLevel(this, ctx.params);
		},
		async "order.completed"(ctx) {
			await hearSales(this, ctx.params);
		}
	}
});

type Step = { readonly id: string; readonly at?: string | undefined };

/** A time that has come already means now. */
function nowOrLater(self: Self, { id, at }: Step, to: "on_shelf" | "off_shelf"): Promise<domain.Product> {
	const due = at === undefined ? undefined : new Date(at);
	return due && due.getTime() > Date.now() ? schedule(self, id, to, due) : move(self, id, to);
}
