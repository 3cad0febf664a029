import { cacheMixin } from "../../mixins/cache.mixin";
import { configMixin } from "../../mixins/config.mixin";
import { scheduleMixin } from "../../mixins/schedule.mixin";
import { collection, storeMixin } from "../../mixins/store.mixin";
import { notFound } from "../../schemas/errors/errors";
import { products } from "../../schemas/products.contract";
import { service } from "../../schemas/registry";
import { applyDueSchedules, cancelSchedule, changeShelving, changeStatus } from "./change-status";
import { checkDeclaredAttributes } from "./check-references";
import { claimPictures } from "./claim-pictures";
import * as sales from "./count-sales";
import { createProduct } from "./create-product";
import { editContent, editProduct } from "./edit-product";
import { fetchOffers } from "./fetch-offers";
import { followCategoryTree } from "./follow-category";
import { importProducts } from "./import-products";
import { findCodes, importGroups } from "./import-rows";
import { listProducts } from "./list-products";
import { buildSearchFilter, LIST_INDEXES, SORTS } from "./product-query.domain";
import * as view from "./product-view.domain";
import type { Product } from "./product.domain";
import type { ProductsContext } from "./products.context";
import {
	readCachedProduct,
	readCards,
	readPage,
	readPageToExport,
	readSkusForSale,
	readStockLevels,
	viewForStaff,
	viewSkuForStaff
} from "./read-products";
import { sendViewInBackground } from "./send-view";
import { recordRating } from "./record-rating";
import { readSearchEntries } from "./read-search-entries";
import { recordStockLevel } from "./record-stock-level";
import { removeProduct } from "./remove-product";
import { addSku, attributePair, patchSku, removeSku } from "./sku.domain";

/** Owns products with their SKUs and prices. The inventory owns stock; products store its latest level for their lists. */
export default service(products, {
	dependencies: ["categories", "brands", "tags", "attributes"],
	mixins: [
		storeMixin({
			products: collection<Product>("products", [
				{ keys: { "skus.codeKey": 1 }, unique: true },
				{ keys: { "schedule.at": 1 }, sparse: true },
				...LIST_INDEXES
			]),
			countedSales: collection<sales.CountedSale>("products_counted", [{ keys: { at: 1 } }])
		}),
		cacheMixin("products"),
		configMixin,
		scheduleMixin<ProductsContext>(
			{
				name: "products due on or off the shelf",
				every: "products.sweepEvery",
				run() {
					return applyDueSchedules(this);
				}
			},
			{
				name: "old counted sales",
				every: "housekeeping.sweepEvery",
				run() {
					return sales.forgetCountedSales(this);
				}
			}
		)
	],

	actions: {
		list: {
			async handler(ctx) {
				return listProducts(this, ctx, ctx.params);
			}
		},
		get: {
			async handler(ctx) {
				const product = await readCachedProduct(this, ctx.params.id);
				if (product?.status !== "on_shelf") throw notFound("product", ctx.params.id);
				const [levelOf, offersOf] = await Promise.all([
					readStockLevels(this, ctx, product),
					fetchOffers(ctx, [product])
				]);
				if (ctx.meta.user) sendViewInBackground(ctx, ctx.meta.user.id, product);
				return view.detail(product, levelOf, offersOf(product._id));
			}
		},
		cards: {
			async handler(ctx) {
				return readCards(this, ctx, ctx.params.productIds);
			}
		},
		skus: {
			async handler({ params: { skuIds } }) {
				return readSkusForSale(this, skuIds);
			}
		},
		prices: {
			async handler({ params: { skuIds } }) {
				const found = await readSkusForSale(this, skuIds);
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
				const page = await readPage(this, buildSearchFilter(params), params, SORTS.newest);
				return { ...page, items: page.items.map(view.adminCard) };
			}
		},
		adminGet: {
			async handler(ctx) {
				return viewForStaff(this, ctx, await this.products.get(ctx.params.id));
			}
		},
		create: {
			async handler(ctx) {
				return viewForStaff(this, ctx, await createProduct(this, ctx, ctx.params));
			}
		},
		edit: {
			async handler(ctx) {
				const { id, version, ...patch } = ctx.params;
				return viewForStaff(this, ctx, await editContent(this, ctx, id, version, patch));
			}
		},
		remove: {
			async handler({ params: { id } }) {
				await removeProduct(this, id);
				return null;
			}
		},
		submit: {
			async handler(ctx) {
				const submittedBy = ctx.meta.user?.id;
				return viewForStaff(
					this,
					ctx,
					await changeStatus(this, ctx.params.id, "pending", { submittedBy })
				);
			}
		},
		approve: {
			async handler(ctx) {
				const notSubmittedBy = this.config.get("security.twoPersonProducts")
					? ctx.meta.user?.id
					: undefined;
				const approved = await changeStatus(this, ctx.params.id, "approved", { notSubmittedBy });
				return viewForStaff(this, ctx, approved);
			}
		},
		reject: {
			async handler(ctx) {
				const { id, reason } = ctx.params;
				return viewForStaff(this, ctx, await changeStatus(this, id, "rejected", { reason }));
			}
		},
		onShelf: {
			async handler(ctx) {
				return viewForStaff(this, ctx, await changeShelving(this, ctx.params, "on_shelf"));
			}
		},
		offShelf: {
			async handler(ctx) {
				return viewForStaff(this, ctx, await changeShelving(this, ctx.params, "off_shelf"));
			}
		},
		cancelSchedule: {
			async handler(ctx) {
				return viewForStaff(this, ctx, await cancelSchedule(this, ctx.params.id));
			}
		},
		addSku: {
			async handler(ctx) {
				const { id, version, ...given } = ctx.params;
				await claimPictures(ctx, id, { skus: [given] });
				const product = await editProduct(this, id, version, async before => {
					const edit = addSku(before, given);
					const skuId = edit.skus?.at(-1)?.id;
					await checkDeclaredAttributes(ctx, { ...before, ...edit }, { before, skuId });
					return edit;
				});
				const added = product.skus.find(({ code }) => code === given.code);
				return viewSkuForStaff(this, ctx, product, added?.id ?? "");
			}
		},
		editSku: {
			async handler(ctx) {
				const { id, skuId, version, ...patch } = ctx.params;
				await claimPictures(ctx, id, { skus: [patch] });
				const product = await editProduct(this, id, version, async before => {
					const edit = patchSku(before, skuId, patch);
					if (patch.attributes)
						await checkDeclaredAttributes(ctx, { ...before, ...edit }, { before, skuId });
					return edit;
				});
				return viewSkuForStaff(this, ctx, product, skuId);
			}
		},
		removeSku: {
			async handler({ params: { id, skuId } }) {
				await editProduct(this, id, undefined, product => removeSku(product, skuId));
				return null;
			}
		},
		uses: {
			async handler({ params: { categoryId, brandId, tagId, attribute, shippingRuleId } }) {
				const where = {
					...(categoryId !== undefined && { categoryPath: categoryId }),
					...(brandId !== undefined && { brandId }),
					...(tagId !== undefined && { tagIds: tagId }),
					...(shippingRuleId !== undefined && { shippingRuleId }),
					...(attribute !== undefined && { pairs: attributePair(attribute, "") })
				};
				return (await this.products.findOne(where, { fields: ["_id"] })) !== null;
			}
		},
		goods: {
			async handler({ params: { productIds } }) {
				const fields = ["name", "categoryPath", "brandId", "skus.id"];
				const found = await this.products.find({ _id: { $in: productIds } }, { fields });
				return found.map(({ _id, name, categoryPath, brandId, skus }) => ({
					productId: _id,
					name,
					categoryIds: categoryPath,
					brandId,
					skuIds: skus.map(({ id }) => id)
				}));
			}
		},
		searchEntries: {
			async handler({ params }) {
				return readSearchEntries(this, params);
			}
		},
		codes: {
			async handler({ params: { codes } }) {
				return findCodes(this, codes);
			}
		},
		importRows: {
			async handler(ctx) {
				return importGroups(this, ctx, ctx.params);
			}
		},
		exportRows: {
			async handler({ params: { cursor, limit: pageSize, ...search } }) {
				const where = buildSearchFilter(search);
				const page = await readPageToExport(this, where, { cursor, pageSize });
				return { products: page.items.map(view.exported), nextCursor: page.nextCursor ?? null };
			}
		},
		attributeNames: {
			async handler({ params: { cursor, ...search } }) {
				const where = buildSearchFilter(search);
				const page = await readPageToExport(this, where, { cursor, pageSize: 100 });
				return { ...view.attributeNames(page.items), nextCursor: page.nextCursor ?? null };
			}
		},
		import: {
			async handler(ctx) {
				await importProducts(this, ctx, ctx.params.products);
				return null;
			}
		}
	},

	events: {
		async "category.moved"(ctx) {
			await followCategoryTree(this, ctx, ctx.params.categoryId);
		},
		async "category.hidden"(ctx) {
			await followCategoryTree(this, ctx, ctx.params.categoryId);
		},
		async "category.shown"(ctx) {
			await followCategoryTree(this, ctx, ctx.params.categoryId);
		},
		async "stock.level_changed"(ctx) {
			await recordStockLevel(this, ctx.params);
		},
		async "order.completed"(ctx) {
			await sales.countSales(this, ctx.params);
		},
		async "review.summary_changed"(ctx) {
			await recordRating(this, ctx.params);
		},
		async "order.units_refunded"(ctx) {
			if (ctx.params.completed) await sales.uncountSales(this, ctx.params);
		},
		async "order.refunded"(ctx) {
			await sales.uncountRefundedOrder(this, ctx.params);
		}
	}
});
