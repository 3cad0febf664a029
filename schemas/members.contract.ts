import { action, contract, event } from "./kit/contract";
import { personalDataActions } from "./kit/personal-data";
import * as r from "./kit/rules";
import { line } from "./kit/text-rules";

const name = () => line({ max: 60 });
const level = r.obj("MemberLevel", { id: r.id(), name: r.str(), minSpent: r.fenSum() });
export type LevelView = r.TypeOf<typeof level>;
const price = r.obj("ListPrice", { skuId: r.id(), price: r.fen() });
const listFields = {
	/** Absent: for members of every level. */
	levelIds: r.opt(r.orNull(r.list(r.id(), { max: 50, unique: true }))),
	startsAt: r.opt(r.orNull(r.time())),
	endsAt: r.opt(r.orNull(r.time()))
};
const newPriceList = { name: name(), prices: r.list(price, { min: 1, max: 2000 }), ...listFields };
export type NewPriceList = r.FieldsOf<typeof newPriceList>;
const priceListPatch = {
	name: r.opt(name()),
	prices: r.opt(r.list(price, { min: 1, max: 2000 })),
	...listFields
};
export type PriceListPatch = r.FieldsOf<typeof priceListPatch>;
const priceList = r.obj("PriceList", {
	id: r.id(),
	name: r.str(),
	levelIds: r.orNull(r.list(r.id())),
	startsAt: r.orNull(r.time()),
	endsAt: r.orNull(r.time()),
	prices: r.list(price),
	createdAt: r.time(),
	updatedAt: r.time()
});
export type PriceListView = r.TypeOf<typeof priceList>;

const staff = ["merchandiser"] as const;
const byId = { id: r.id() };

export const members = contract("members", {
	...personalDataActions,
	/** What prices depend on: the user's level, whether no order of theirs was ever paid, and their prices of these SKUs. */
	standing: action({ userId: r.id(), skuIds: r.list(r.id(), { max: 200 }) }, { repeatable: true }).returns(
		r.obj({ levelId: r.orNull(r.id()), isNew: r.bool(), prices: r.list(price) })
	),
	knownLevels: action({ levelIds: r.list(r.id(), { max: 50 }) }, { repeatable: true }).returns(
		r.list(r.id())
	),
	membership: action({})
		.returns(
			r.obj({
				level: r.orNull(r.obj({ id: r.id(), name: r.str() })),
				/** Totals of completed orders, freight included, less refunds. */
				spent: r.fenSum(),
				next: r.orNull(level)
			})
		)
		.rest("GET /me/membership", "user", "The own level, and the next one"),

	levels: action(r.paging)
		.returns(r.pageOf(level))
		.rest("GET /admin/member-levels", staff, "Member levels, the lowest first"),
	getLevel: action(byId)
		.returns(level)
		.rest("GET /admin/member-levels/:id", staff, "One level", { errors: ["NOT_FOUND"] }),
	addLevel: action({ name: name(), minSpent: r.fenSum() })
		.returns(level)
		.rest("POST /admin/member-levels", staff, "Add a level", { status: 201, errors: ["DUPLICATE"] }),
	editLevel: action({ ...byId, name: r.opt(name()), minSpent: r.opt(r.fenSum()) })
		.returns(level)
		.rest("PATCH /admin/member-levels/:id", staff, "Change a level", {
			errors: ["NOT_FOUND", "DUPLICATE"]
		}),
	removeLevel: action(byId)
		.returns(r.nothing)
		.rest("DELETE /admin/member-levels/:id", staff, "Remove a level", { errors: ["NOT_FOUND"] }),

	priceLists: action(r.cursorPaging)
		.returns(r.pageOf(priceList))
		.rest("GET /admin/price-lists", staff, "Price lists, newest first"),
	getPriceList: action(byId)
		.returns(priceList)
		.rest("GET /admin/price-lists/:id", staff, "One price list", { errors: ["NOT_FOUND"] }),
	addPriceList: action(newPriceList)
		.returns(priceList)
		.rest("POST /admin/price-lists", staff, "Add a price list", { status: 201 }),
	editPriceList: action({ ...byId, ...priceListPatch })
		.returns(priceList)
		.rest("PATCH /admin/price-lists/:id", staff, "Change a price list", {
			errors: ["NOT_FOUND", "VERSION_CONFLICT"]
		}),
	removePriceList: action(byId)
		.returns(r.nothing)
		.rest("DELETE /admin/price-lists/:id", staff, "Remove a price list", { errors: ["NOT_FOUND"] }),
	/** Adds the levels and price lists that are missing; the others stay as they are. */
	import: action(
		{
			levels: r.list(r.obj({ ...byId, name: name(), minSpent: r.fenSum() }), { max: 20 }),
			priceLists: r.list(r.obj({ ...byId, ...newPriceList }), { max: 20 })
		},
		{ repeatable: true }
	).returns(r.nothing)
});

export const memberEvents = {
	"member.level_changed": event({ userId: r.id(), levelId: r.orNull(r.id()) }).means(
		"What a user spent reaches another level"
	)
};
