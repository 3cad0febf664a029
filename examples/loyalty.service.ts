import { collection, storeMixin } from "../mixins/store.mixin";
import { action, contract } from "../schemas/kit/contract";
import * as r from "../schemas/kit/rules";
import { service } from "../schemas/registry";

type Credit = { readonly _id: string; readonly userId: string; readonly points: number };

const loyalty = contract("loyalty", {
	points: action({ userId: r.id() }, { repeatable: true }).returns(r.obj({ points: r.int({ min: 0 }) }))
});

/** Credits one point for each yuan paid. */
export default service(loyalty, {
	mixins: [storeMixin({ credits: collection<Credit>("loyalty_credits", [{ keys: { userId: 1 } }]) })],

	actions: {
		points: {
			async handler(ctx) {
				const credits = await this.credits.find({ userId: ctx.params.userId });
				return { points: credits.reduce((sum, { points }) => sum + points, 0) };
			}
		}
	},

	events: {
		// Delivered at least once: the credit has the order's id, so a second delivery stores nothing.
		async "order.paid"(ctx) {
			const { orderId, userId, total } = ctx.params;
			const credit = { _id: orderId, userId, points: Math.floor(total / 100) };
			await this.credits.insertOnce(credit, { _id: orderId });
		}
	}
});
