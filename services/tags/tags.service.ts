import { ulid } from "ulid";
import { collection, DuplicateKey, storeMixin } from "../../mixins/store.mixin";
import { Refusal } from "../../schemas/errors/errors";
import { call, service } from "../../schemas/registry";
import { tags, type TagView } from "../../schemas/tags.contract";
import { fold } from "../../schemas/values/text";

type Tag = {
	readonly _id: string;
	readonly name: string;
	/** The name folded; unique. */
	readonly nameKey: string;
	readonly color: string | null;
	readonly createdAt: Date;
	readonly updatedAt: Date;
};

/** Tags of one answer at most. */
const MAX_LABELS = 500;

/** Owns the tags that staff put on products. */
export default service(tags, {
	mixins: [storeMixin({ tags: collection<Tag>("tags", [{ keys: { nameKey: 1 }, unique: true }]) })],

	actions: {
		browse: {
			async handler() {
				const found = await this.tags.find({}, { sort: { _id: -1 }, limit: MAX_LABELS });
				return found.map(({ _id: id, name, color }) => ({ id, name, color }));
			}
		},
		list: {
			async handler(ctx) {
				const page = await this.tags.page({}, ctx.params);
				return { ...page, items: page.items.map(view) };
			}
		},
		get: {
			async handler({ params: { id } }) {
				return view(await this.tags.get(id));
			}
		},
		create: {
			async handler({ params: { name, color = null } }) {
				const tag = createTag(ulid(), name, color);
				return view(await this.tags.insert(tag).catch(refuseDuplicateName));
			}
		},
		edit: {
			async handler({ params: { id, name, color } }) {
				const patch = {
					...(name !== undefined && { name, nameKey: fold(name) }),
					...(color !== undefined && { color }),
					updatedAt: new Date()
				};
				return view(await this.tags.mustChange(id, {}, { $set: patch }).catch(refuseDuplicateName));
			}
		},
		remove: {
			async handler(ctx) {
				const { id } = ctx.params;
				await this.tags.get(id);
				if (await call(ctx, "products.uses", { tagId: id }))
					throw new Refusal("IN_USE", "Products have this tag", { id });
				await this.tags.remove({ _id: id });
				return null;
			}
		},
		import: {
			async handler({ params }) {
				for (const { id, name, color } of params.tags) {
					const tag = createTag(id, name, color);
					await this.tags.insertOnce(tag, { $or: [{ _id: id }, { nameKey: tag.nameKey }] });
				}
				return null;
			}
		},
		names: {
			async handler({ params: { ids = [], names = [] } }) {
				const found = await this.tags.find(
					{ $or: [{ _id: { $in: ids } }, { nameKey: { $in: names.map(fold) } }] },
					{ fields: ["name"] }
				);
				return found.map(({ _id, name }) => ({ id: _id, name }));
			}
		},
		existing: {
			async handler({ params: { ids } }) {
				const found = await this.tags.find({ _id: { $in: [...ids] } }, { fields: ["_id"] });
				return found.map(({ _id }) => _id);
			}
		}
	}
});

function createTag(_id: string, name: string, color: string | null): Tag {
	const now = new Date();
	return { _id, name, nameKey: fold(name), color, createdAt: now, updatedAt: now };
}

const view = ({ _id, name, color, createdAt, updatedAt }: Tag): TagView => ({
	id: _id,
	name,
	color,
	createdAt: createdAt.toISOString(),
	updatedAt: updatedAt.toISOString()
});

function refuseDuplicateName(err: unknown): never {
	throw err instanceof DuplicateKey
		? new Refusal("DUPLICATE", "Another tag has this name", { field: "name" })
		: err;
}
