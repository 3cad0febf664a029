import { ulid } from "ulid";
import { collection, DuplicateKey, storeMixin, type Store } from "../../mixins/store.mixin";
import { brands } from "../../schemas/brands.contract";
import { invalid, Refusal, isRefusal } from "../../schemas/errors";
import type { Ctx } from "../../schemas/kit/service";
import { call, service } from "../../schemas/registry";
import { fold } from "../../schemas/text";
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
				const page = await paged(this, ctx);
				return { ...page, items: page.items.map(domain.card) };
			}
		},
		list: {
			async handler(ctx) {
				const page = await paged(this, ctx);
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
				const brand = domain.created(ulid(), ctx.params, new Date());
				return domain.view(await this.brands.insert(brand).catch(sameName));
			}
		},
		edit: {
			async handler(ctx) {
				const { id, ...patch } = ctx.params;
				await checkCategories(ctx, patch.categoryIds);
				const update = { $set: { ...domain.edited(patch), updatedAt: new Date() } };
				return domain.view(await this.brands.mustChange(id, {}, update).catch(sameName));
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
		uses: {
			async handler({ params: { categoryId } }) {
				return (await this.brands.findOne({ categoryIds: categoryId }, { fields: ["_id"] })) !== null;
			}
		},
		import: {
			async handler({ params }) {
				const now = new Date();
				for (const { id, ...given } of params.brands)
					await this.brands.insertOnce(domain.created(id, given, now), {
						$or: [{ _id: id }, { nameKey: fold(given.name) }]
					});
				return null;
			}
		}
	}
});

type Listing = {
	readonly letter?: string | undefined;
	readonly categoryId?: string | undefined;
	readonly page?: number | undefined;
	readonly pageSize?: number | undefined;
};

/** By letter, then by age. A brand of a category is one of those above and under it too. */
async function paged({ brands }: { readonly brands: Store<domain.Brand> }, ctx: Ctx<Listing>) {
	const { letter, categoryId, ...paging } = ctx.params;
	const family = categoryId === undefined ? undefined : await familyOf(ctx, categoryId);
	const where = {
		...(letter !== undefined && { firstLetter: letter }),
		...(family && { categoryIds: { $in: family } })
	};
	return brands.page(where, paging, { firstLetter: 1, _id: 1 });
}

async function familyOf(ctx: Ctx<Listing>, id: string): Promise<string[]> {
	try {
		return [...new Set((await call(ctx, "categories.paths", { id })).flatMap(c => c.path))];
	} catch (err) {
		if (isRefusal(err, "NOT_FOUND")) return []; // no such category has no brands
		throw err;
	}
}

async function checkCategories(ctx: Ctx<object>, ids: readonly string[] = []): Promise<void> {
	for (const [i, id] of ids.entries())
		await call(ctx, "categories.paths", { id }).catch((err: unknown) => {
			throw isRefusal(err, "NOT_FOUND") ? invalid(`categoryIds[${i}]`, "noCategory") : err;
		});
}

function sameName(err: unknown): never {
	throw err instanceof DuplicateKey
		? new Refusal("DUPLICATE", "Another brand has this name", { field: "name" })
		: err;
}
