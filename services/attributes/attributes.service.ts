import { ulid } from "ulid";
import { collection, storeMixin } from "../../mixins/store.mixin";
import { attributes } from "../../schemas/attributes.contract";
import { invalid, Refusal, isRefusal } from "../../schemas/errors/errors";
import type { Ctx } from "../../schemas/kit/service";
import { call, fact, service } from "../../schemas/registry";
import { toFilter, view, type Attribute } from "./attribute.domain";
import { editAttribute, isAttributeInUse } from "./edit-attribute";

/** Owns the declarations of attributes, for all products or for those of a category and of the ones below it. */
export default service(attributes, {
	dependencies: ["categories"],
	mixins: [
		storeMixin({
			attributes: collection<Attribute>("attributes", [
				{ keys: { categoryId: 1, _id: -1 } },
				{ keys: { kind: 1, _id: -1 } }
			])
		})
	],

	actions: {
		browse: {
			async handler(ctx) {
				const { categoryId } = ctx.params;
				if (categoryId === undefined) {
					const all = await this.attributes.find({}, { sort: { _id: -1 }, limit: MAX_FILTERS });
					return all.map(toFilter);
				}
				const scopes = await listScopes(ctx, categoryId);
				const found = await this.attributes.find(
					{ categoryId: { $in: scopes } },
					{ limit: MAX_FILTERS }
				);
				return sortByScope(found, scopes).map(toFilter);
			}
		},
		list: {
			async handler({ params: { categoryId, kind, ...paging } }) {
				const where = { ...(categoryId !== undefined && { categoryId }), ...(kind && { kind }) };
				const page = await this.attributes.page(where, paging);
				return { ...page, items: page.items.map(view) };
			}
		},
		get: {
			async handler({ params: { id } }) {
				return view(await this.attributes.get(id));
			}
		},
		create: {
			async handler(ctx) {
				const { name, kind, input, categoryId = null, values = [], unit = null } = ctx.params;
				const { required = false, facet = false } = ctx.params;
				await checkCategory(ctx, categoryId);
				const now = new Date();
				const declared = { name, kind, input, categoryId, values, unit, required, facet };
				const attribute = { _id: ulid(), ...declared, createdAt: now, updatedAt: now };
				const changed = fact("attribute.changed", { attributeId: attribute._id });
				return view(await this.attributes.insert(attribute, changed));
			}
		},
		edit: {
			async handler(ctx) {
				const { id, ...patch } = ctx.params;
				await checkCategory(ctx, patch.categoryId ?? null);
				return view(await editAttribute(this, ctx, id, patch));
			}
		},
		remove: {
			async handler(ctx) {
				const attribute = await this.attributes.get(ctx.params.id);
				const { _id } = attribute;
				if (await isAttributeInUse(ctx, attribute))
					throw new Refusal("IN_USE", "Products have this attribute", { id: _id });
				await this.attributes.remove({ _id });
				return null;
			}
		},
		import: {
			async handler({ params }) {
				const now = new Date();
				for (const { id: _id, ...declared } of params.attributes) {
					const more = { unit: null, required: false, createdAt: now, updatedAt: now };
					await this.attributes.insertOnce({ _id, ...declared, ...more }, { _id });
				}
				return null;
			}
		},
		applicable: {
			async handler({ params: { path } }) {
				const scopes = [...path, null];
				const found = await this.attributes.find({ categoryId: { $in: scopes } });
				return sortByScope(found, scopes).map(view);
			}
		},
		uses: {
			async handler({ params: { categoryId } }) {
				return (await this.attributes.findOne({ categoryId }, { fields: ["_id"] })) !== null;
			}
		}
	}
});

const sortByScope = (found: readonly Attribute[], scopes: readonly (string | null)[]): Attribute[] =>
	found.toSorted((a, b) => scopes.indexOf(a.categoryId) - scopes.indexOf(b.categoryId));

/** Attributes of one answer at most. */
const MAX_FILTERS = 500;

/**
 * Where attributes of the products in a category are declared: for it, for any category above or below it, or for all products.
 * Nowhere if the category does not exist.
 */
async function listScopes(ctx: Ctx<object>, categoryId: string): Promise<(string | null)[]> {
	try {
		const paths = await call(ctx, "categories.paths", { id: categoryId });
		return [...new Set(paths.flatMap(({ path }) => path)), null];
	} catch (err) {
		if (isRefusal(err, "NOT_FOUND")) return [];
		throw err;
	}
}

async function checkCategory(ctx: Ctx<object>, id: string | null): Promise<void> {
	if (id === null) return;
	await call(ctx, "categories.paths", { id }).catch((err: unknown) => {
		throw isRefusal(err, "NOT_FOUND") ? invalid("categoryId", "noCategory") : err;
	});
}
