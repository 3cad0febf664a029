import { invalid, isRefusal } from "../../schemas/errors";
import type { Ctx } from "../../schemas/kit/service";
import { call } from "../../schemas/registry";
import { checkAttributes } from "./attribute-rules.domain";
import type { Content } from "./product.domain";

/** What the place of its category in the tree makes of a product. */
export type Place = Pick<Content, "categoryPath" | "hidden">;

type References = {
	readonly categoryId?: string | undefined;
	readonly brandId?: string | null | undefined;
	readonly tagIds?: readonly string[] | undefined;
};

/** Refuses what names a brand or tag that is not there. */
export async function checkReferences(ctx: Ctx<object>, { brandId, tagIds = [] }: References): Promise<void> {
	if (typeof brandId === "string" && !(await call(ctx, "brands.exists", { id: brandId })))
		throw invalid("brandId", "noBrand");
	if (tagIds.length === 0) return;
	const known = await call(ctx, "tags.known", { ids: tagIds });
	const unknown = tagIds.findIndex(id => !known.includes(id));
	if (unknown >= 0) throw invalid(`tagIds[${unknown}]`, "noTag");
}

/** Where a category stands in the tree; refuses one that is not there. */
export async function placeOf(ctx: Ctx<object>, categoryId: string): Promise<Place> {
	try {
		const paths = await call(ctx, "categories.paths", { id: categoryId });
		const { path = [], visible = true } = paths.find(({ id }) => id === categoryId) ?? {};
		return { categoryPath: path, hidden: !visible };
	} catch (err) {
		throw isRefusal(err, "NOT_FOUND") ? invalid("categoryId", "noCategory") : err;
	}
}

type Attributed = Pick<Content, "attributes" | "skus" | "categoryPath">;

/** Refuses attributes that are not as the category declares; of an edit (`before`), what it changes for the worse. */
export async function checkDeclared(
	ctx: Ctx<object>,
	after: Attributed,
	{ before, skuId }: { readonly before?: Attributed; readonly skuId?: string | undefined } = {}
): Promise<void> {
	const declaredFor = ({ categoryPath: path }: Attributed) => call(ctx, "attributes.applying", { path });
	const declared = await declaredFor(after);
	if (!before) return checkAttributes({ ...after, declared });
	const stays = before.categoryPath.join() === after.categoryPath.join();
	const former = { ...before, declared: stays ? declared : await declaredFor(before) };
	return checkAttributes({ ...after, declared }, { before: former, skuId });
}
