import { ulid } from "ulid";
import { cacheMixin } from "../../mixins/cache.mixin";
import { collection, DuplicateKey, storeMixin } from "../../mixins/store.mixin";
import { invalidFields, Refusal } from "../../schemas/errors/errors";
import type { Ctx } from "../../schemas/kit/service";
import { members } from "../../schemas/members.contract";
import { call, service } from "../../schemas/registry";
import { readLevels, recordOrder, recordPaid } from "./count-spent";
import * as domain from "./member.domain";
import type { MembersContext } from "./members.context";

const MAX_PRICE_LISTS = 200;

/** Owns member levels, what each user has spent, and price lists. */
export default service(members, {
	mixins: [
		storeMixin({
			members: collection<domain.Member>("members"),
			memberOrders: collection<domain.MemberOrder>("member_orders", [
				{ keys: { userId: 1, completed: 1 } }
			]),
			levels: collection<domain.Level>("member_levels", [{ keys: { minSpent: 1 }, unique: true }]),
			priceLists: collection<domain.PriceList>("price_lists", [{ keys: { endsAt: 1 } }])
		}),
		cacheMixin("members", { ttlMs: 500, max: 10 })
	],

	actions: {
		exportPersonalData: {
			async handler({ params: { userId } }) {
				return { spent: (await this.members.findOne({ _id: userId }))?.spent ?? 0 };
			}
		},
		standing: {
			async handler({ params: { userId, skuIds } }) {
				const [member, levels, lists] = await Promise.all([
					this.members.findOne({ _id: userId }),
					readLevels(this),
					readPriceLists(this)
				]);
				const levelId = domain.findLevel(levels, member?.spent ?? 0)?._id ?? null;
				const prices = domain.findMemberPrices(lists, levelId, skuIds, new Date());
				return { levelId, isNew: !member?.hasPaid, prices };
			}
		},
		knownLevels: {
			async handler({ params: { levelIds } }) {
				const found = await this.levels.find({ _id: { $in: levelIds } }, { fields: ["_id"] });
				return found.map(({ _id }) => _id);
			}
		},
		membership: {
			async handler(ctx) {
				const userId = ctx.meta.user?.id ?? "";
				const [member, levels] = await Promise.all([
					this.members.findOne({ _id: userId }),
					readLevels(this)
				]);
				const spent = member?.spent ?? 0;
				const level = domain.findLevel(levels, spent);
				const next = domain.findNextLevel(levels, spent);
				return {
					level: level && { id: level._id, name: level.name },
					spent,
					next: next && domain.toLevelView(next)
				};
			}
		},

		levels: {
			async handler(ctx) {
				const page = await this.levels.page({}, ctx.params, { minSpent: 1 });
				return { ...page, items: page.items.map(domain.toLevelView) };
			}
		},
		getLevel: {
			async handler({ params: { id } }) {
				return domain.toLevelView(await this.levels.get(id));
			}
		},
		addLevel: {
			async handler({ params: { name, minSpent } }) {
				const level = { _id: ulid(), name, minSpent };
				await this.levels.insert(level).catch(refuseDuplicate);
				await this.cache.clean("levels");
				return domain.toLevelView(level);
			}
		},
		editLevel: {
			async handler({ params: { id, name, minSpent } }) {
				const $set = { name, minSpent };
				const level = await this.levels.mustChange(id, {}, { $set }).catch(refuseDuplicate);
				await this.cache.clean("levels");
				return domain.toLevelView(level);
			}
		},
		removeLevel: {
			async handler({ params: { id } }) {
				await this.levels.get(id);
				await this.levels.remove({ _id: id });
				await this.cache.clean("levels");
				return null;
			}
		},

		priceLists: {
			async handler(ctx) {
				const page = await this.priceLists.page({}, ctx.params);
				return { ...page, items: page.items.map(domain.toPriceListView) };
			}
		},
		getPriceList: {
			async handler({ params: { id } }) {
				return domain.toPriceListView(await this.priceLists.get(id));
			}
		},
		addPriceList: {
			async handler(ctx) {
				const list = domain.createPriceList(ulid(), ctx.params, new Date());
				await checkPriceList(this, ctx, list);
				await this.priceLists.insert(list);
				await this.cache.clean("priceLists");
				return domain.toPriceListView(list);
			}
		},
		editPriceList: {
			async handler(ctx) {
				const { id, ...patch } = ctx.params;
				const before = await this.priceLists.get(id);
				const { _id, ...after } = domain.patchPriceList(before, patch, new Date());
				await checkPriceList(this, ctx, { _id, ...after });
				const { updatedAt } = before;
				const stored = await this.priceLists.change({ _id, updatedAt }, { $set: after });
				if (!stored)
					throw new Refusal("VERSION_CONFLICT", "Someone else changed the price list", { id });
				await this.cache.clean("priceLists");
				return domain.toPriceListView(stored);
			}
		},
		removePriceList: {
			async handler({ params: { id } }) {
				await this.priceLists.get(id);
				await this.priceLists.remove({ _id: id });
				await this.cache.clean("priceLists");
				return null;
			}
		},
		import: {
			async handler({ params }) {
				for (const { id, name, minSpent } of params.levels)
					await this.levels.insertOnce(
						{ _id: id, name, minSpent },
						{ $or: [{ _id: id }, { minSpent }] }
					);
				await this.priceLists.insertMissing(
					params.priceLists.map(({ id, ...given }) => domain.createPriceList(id, given, new Date()))
				);
				await this.cache.clean("levels", "priceLists");
				return null;
			}
		}
	},

	events: {
		async "order.paid"(ctx) {
			await recordPaid(this, ctx.params.userId);
		},
		async "order.completed"(ctx) {
			const { orderId: _id, userId, total = 0 } = ctx.params;
			await recordOrder(this, { _id, userId, completed: true, total });
		},
		async "order.partly_refunded"(ctx) {
			const { orderId: _id, userId, refunded, total } = ctx.params;
			await recordOrder(this, { _id, userId, refunded, total });
		},
		async "order.refunded"(ctx) {
			const { orderId: _id, userId, amount } = ctx.params;
			await recordOrder(this, { _id, userId, refunded: amount });
		}
	}
});

const readPriceLists = ({ priceLists, cache }: MembersContext): Promise<readonly domain.PriceList[]> =>
	cache.getLocal("priceLists", () =>
		priceLists.find(
			{ $or: [{ endsAt: null }, { endsAt: { $gt: new Date() } }] },
			{ limit: MAX_PRICE_LISTS }
		)
	);

/** Refuses an end before the start, and SKUs and levels that do not exist. */
async function checkPriceList(
	context: MembersContext,
	ctx: Ctx<unknown>,
	{ startsAt, endsAt, prices, levelIds }: domain.PriceList
): Promise<void> {
	if (startsAt && endsAt && endsAt <= startsAt)
		throw invalidFields([{ field: "endsAt", type: "afterStart" }]);
	const skuIds = [...new Set(prices.map(({ skuId }) => skuId))];
	const known = new Set<string>();
	for (let from = 0; from < skuIds.length; from += 200) {
		const skus = await call(ctx, "products.skus", { skuIds: skuIds.slice(from, from + 200) });
		for (const { skuId } of skus) known.add(skuId);
	}
	const levels = await context.levels.find({ _id: { $in: levelIds ?? [] } }, { fields: ["_id"] });
	const faults = [
		...prices.flatMap(({ skuId }, i) =>
			known.has(skuId) ? [] : [{ field: `prices[${i}].skuId`, type: "noSku" as const }]
		),
		...(levelIds ?? []).flatMap((id, i) =>
			levels.some(({ _id }) => _id === id)
				? []
				: [{ field: `levelIds[${i}]`, type: "noLevel" as const }]
		)
	];
	if (faults.length) throw invalidFields(faults);
}

function refuseDuplicate(err: unknown): never {
	throw err instanceof DuplicateKey
		? new Refusal("DUPLICATE", "Another level begins at this amount", { field: "minSpent" })
		: err;
}
