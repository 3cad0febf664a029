import { ulid } from "ulid";
import { collection, DuplicateKey, storeMixin, type Where } from "../../mixins/store.mixin";
import { brands } from "../../schemas/brands.contract";
import { invalid, Refusal, isRefusal } from "../../schemas/errors/errors";
import type { Ctx } from "../../schemas/kit/service";
import { call, fact, service } from "../../schemas/registry";
import { fold } from "../../schemas/values/text";
import { selectUploads } from "../../schemas/values/uploads";
import * as domain from "./brand.domain";

/** Owns the brands. */
export default service(brands, {
	dependencies: ["categories"],
	mixins: [
		storeMixin({
			brands: collection<domain.Brand>("brands", [
				{ keys: { nameKey: 1 }, unique: true },
				{ keys: { firstLetter: 1, _id: 1 } },
				{ keys: { categoryIds: 1 } }
			])
		})
	],

	actions: {
		browse: {
			async handler(ctx) {
				const page = await this.brands.page(await buildFilter(ctx), ctx.params, BY_LETTER);
				return { ...page, items: page.items.map(domain.card) };
			}
		},
		list: {
			async handler(ctx) {
				const page = await this.brands.page(await buildFilter(ctx), ctx.params, BY_LETTER);
				return { ...page, items: page.items.map(domain.view) };
			}
		},
		get: {
			async handler({ params: { id } }) {
				return domain.view(await this.brands.get(id));
			}
		},
		create: {
			async handler(ctx) {
				await checkCategories(ctx, ctx.params.categoryIds);
				const brand = domain.createBrand(ulid(), ctx.params, new Date());
				await claimLogo(ctx, brand._id, brand.logo);
				const changed = fact("brand.changed", { brandId: brand._id });
				return domain.view(await this.brands.insert(brand, changed).catch(refuseDuplicateName));
			}
		},
		edit: {
			async handler(ctx) {
				const { id, ...patch } = ctx.params;
				await checkCategories(ctx, patch.categoryIds);
				await claimLogo(ctx, id, patch.logo);
				const update = { $set: { ...domain.patchBrand(patch), updatedAt: new Date() } };
				const facts = [fact("brand.changed", { brandId: id })];
				return domain.view(
					await this.brands.mustChange(id, {}, update, facts).catch(refuseDuplicateName)
				);
			}
		},
		remove: {
			async handler(ctx) {
				const { id } = ctx.params;
				await this.brands.get(id);
				if (await call(ctx, "products.uses", { brandId: id }))
					throw new Refusal("IN_USE", "Products are of this brand", { id });
				await this.brands.remove({ _id: id });
				return null;
			}
		},
		exists: {
			async handler({ params: { id } }) {
				return (await this.brands.findOne({ _id: id }, { fields: ["_id"] })) !== null;
			}
		},
		names: {
			async handler({ params: { ids = [], names = [] } }) {
				const found = await this.brands.find(
					{ $or: [{ _id: { $in: ids } }, { nameKey: { $in: names.map(fold) } }] },
					{ fields: ["name"] }
				);
				return found.map(({ _id, name }) => ({ id: _id, name }));
			}
		},
		uses: {
			async handler({ params: { categoryId } }) {
				return (await this.brands.findOne({ categoryIds: categoryId }, { fields: ["_id"] })) !== null;
			}
		},
		import: {
			async handler({ params }) {
				const now = new Date();
				for (const { id, ...given } of params.brands)
					await this.brands.insertOnce(domain.createBrand(id, given, now), {
						$or: [{ _id: id }, { nameKey: fold(given.name) }]
					});
				return null;
			}
		}
	}
});

/** By letter, then by age, since ids grow. */
const BY_LETTER = { firstLetter: 1, _id: 1 } as const;

type Listing = { readonly letter?: string | undefined; readonly categoryId?: string | undefined };

/** Brands of a letter, and of a category or of any above or below it. */
async function buildFilter(ctx: Ctx<Listing>): Promise<Where<domain.Brand>> {
	const { letter, categoryId } = ctx.params;
	const family = categoryId === undefined ? undefined : await fetchCategoryFamily(ctx, categoryId);
	return {
		...(letter !== undefined && { firstLetter: letter.toUpperCase() }),
		...(family && { categoryIds: { $in: family } })
	};
}

/** Ids of the category and of all above and below it; empty where it does not exist. */
async function fetchCategoryFamily(ctx: Ctx<object>, id: string): Promise<string[]> {
	try {
		return [...new Set((await call(ctx, "categories.paths", { id })).flatMap(c => c.path))];
	} catch (err) {
		if (isRefusal(err, "NOT_FOUND")) return [];
		throw err;
	}
}

async function checkCategories(ctx: Ctx<object>, ids: readonly string[] = []): Promise<void> {
	for (const [i, id] of ids.entries())
		await call(ctx, "categories.paths", { id }).catch((err: unknown) => {
			throw isRefusal(err, "NOT_FOUND") ? invalid(`categoryIds[${i}]`, "noCategory") : err;
		});
}

/** Keeps the uploaded logo of a brand that is about to be stored. */
async function claimLogo(ctx: Ctx<object>, id: string, logo: string | null | undefined): Promise<void> {
	const urls = selectUploads([logo]);
	if (urls.length > 0) await call(ctx, "uploads.claim", { owner: `brand:${id}`, urls, field: "logo" });
}

function refuseDuplicateName(err: unknown): never {
	throw err instanceof DuplicateKey
		? new Refusal("DUPLICATE", "Another brand has this name", { field: "name" })
		: err;
}
