import { action, contract, event } from "./kit/contract";
import { personalDataActions } from "./kit/personal-data";
import * as r from "./kit/rules";

export const pointsReason = r.oneOf("used", "returned", "earned", "taken_back", "expired");

export const points = contract("points", {
	...personalDataActions,
	balance: action({ userId: r.id() }, { repeatable: true }).returns(r.int({ min: 0 })),
	/** Uses points for an order, once; refuses with POINTS_UNAVAILABLE. */
	use: action({ orderId: r.id(), userId: r.id(), points: r.int({ min: 1 }) }, { repeatable: true }).returns(
		r.nothing
	),
	/** Gives the points of an order back, and makes any later `use` for the order fail. */
	giveBack: action({ orderId: r.id(), userId: r.id() }, { repeatable: true }).returns(r.nothing),

	mine: action({})
		.returns(
			r.obj({
				balance: r.int({ min: 0 }),
				/** Points that paid orders will bring when they complete. */
				pending: r.int({ min: 0 }),
				/** Points that expire within 30 days. */
				expiring: r.list(r.obj({ points: r.int({ min: 0 }), at: r.time() }))
			})
		)
		.rest("GET /me/points", "user", "The own points"),
	log: action(r.cursorPaging)
		.returns(
			r.pageOf(
				r.obj({
					delta: r.int(),
					/** After the change. */
					balance: r.int({ min: 0 }),
					reason: pointsReason,
					orderId: r.orNull(r.id()),
					at: r.time()
				})
			)
		)
		.rest("GET /me/points/log", "user", "Changes of the own points, newest first")
});

export const pointsEvents = {
	"points.changed": event({ userId: r.id(), delta: r.int(), balance: r.int({ min: 0 }) }).means(
		"A balance of points changed"
	)
};
