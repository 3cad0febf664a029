// Compiles only while every line marked @ts-expect-error is refused.
import type { ServiceBroker } from "moleculer";
import { configMixin } from "../../mixins/config.mixin";
import { collection, storeMixin, type Store } from "../../mixins/store.mixin";
import { action, contract } from "../../schemas/kit/contract";
import * as r from "../../schemas/kit/rules";
import { call, fact, service } from "../../schemas/registry";
import { Refusal } from "../../schemas/errors/errors";

export async function calls(broker: ServiceBroker) {
	const order = await call(broker, "orders.get", { id: "1" });
	const status:
		"pending_payment" | "paid" | "shipped" | "completed" | "cancelled" | "refunding" | "refunded" =
		order.status;
	// @ts-expect-error no such action
	await call(broker, "orders.gett", { id: "1" });
	// @ts-expect-error wrong parameter type
	await call(broker, "orders.get", { id: 1 });
	// @ts-expect-error missing parameter
	await call(broker, "orders.get", {});
	// @ts-expect-error unknown parameter
	await call(broker, "orders.get", { id: "1", more: true });
	// @ts-expect-error no such field in the answer
	order.userId;
	// @ts-expect-error the answer is read-only
	order.items.push();
	// @ts-expect-error may be null
	order.shipment.carrier;
	return status;
}

const note = r.obj({
	id: r.id(),
	title: r.str(),
	stars: r.opt(r.int()),
	mood: r.orNull(r.oneOf("good", "bad"))
});
type Note = r.TypeOf<typeof note>;
export const withoutStars: Note = { id: "1", title: "t", mood: null };
// @ts-expect-error what is optional may be left out, but is never null
export const nullStars: Note = { id: "1", title: "t", mood: null, stars: null };
// @ts-expect-error what may be null is always there
export const withoutMood: Note = { id: "1", title: "t" };
// @ts-expect-error a word outside the list
export const wrongMood: Note = { id: "1", title: "t", mood: "so-so" };

const published = action({ id: r.id() }).returns(note);
const notes = contract("notes", {
	get: published.rest("GET /notes/:id", "user", "A note"),
	remove: action({ id: r.id() }).returns(r.nothing)
});
// @ts-expect-error a route without a policy
published.rest("GET /notes/:id");
// @ts-expect-error a policy outside the list
published.rest("GET /notes/:id", "anyone", "A note");
// @ts-expect-error a role outside the list
published.rest("GET /notes/:id", ["boss"], "A note");
// @ts-expect-error a route without a description
published.rest("GET /notes/:id", "user");
// @ts-expect-error a path without its slash
published.rest("GET notes", "user", "A note");
// @ts-expect-error a method that the gateway does not have
published.rest("FETCH /notes", "user", "A note");
// @ts-expect-error a refusal outside the list
published.rest("GET /notes", "user", "A note", { errors: ["TEAPOT"] });
// @ts-expect-error a status that is none of ours
published.rest("GET /notes", "user", "A note", { status: 202 });

type Doc = { readonly _id: string; readonly title: string };
const mixins = [storeMixin({ notes: collection<Doc>("notes", [{ keys: { title: 1 } }]) })] as const;
const get = { handler: async () => withoutStars };
const remove = { handler: async () => null };
// @ts-expect-error the `remove` handler is missing
service(notes, { mixins, actions: { get } });
service(notes, {
	mixins,
	actions: {
		get: {
			async handler(ctx) {
				const { _id, title } = await this.notes.get(ctx.params.id);
				// @ts-expect-error parameters are read-only
				ctx.params.id = "2";
				// @ts-expect-error no such parameter
				ctx.params.title;
				// @ts-expect-error a collection of another service
				this.orders;
				// @ts-expect-error this service mixes in no config
				this.config;
				// @ts-expect-error the user may be absent
				ctx.meta.user.id;
				return { id: _id, title, mood: null };
			}
		},
		// @ts-expect-error wrong answer
		remove: { handler: async () => ({ id: 1 }) }
	},
	events: {
		// @ts-expect-error no such event
		async "order.payed"() {},
		async "order.paid"(ctx) {
			// @ts-expect-error no such field in the payload
			ctx.params.amount;
		}
	}
});
service(notes, {
	mixins: [configMixin],
	actions: {
		get: {
			async handler() {
				const seconds: number = this.config.get("orders.paymentTimeout");
				// @ts-expect-error no such setting
				this.config.get("orders.paymentTimeOut");
				// @ts-expect-error a setting of another type
				const yes: boolean = this.config.get("orders.paymentTimeout");
				return { id: "1", title: `${seconds} ${yes}`, mood: null };
			}
		},
		remove,
		// @ts-expect-error an action outside the contract
		refund: remove
	}
});
// @ts-expect-error the payload lacks `userId`
fact("user.disabled", {});
// @ts-expect-error no such event
fact("user.enabled", { userId: "1" });
// @ts-expect-error a refusal outside the list
throw new Refusal("TEAPOT", "I'm one");

type Stored = {
	readonly _id: string;
	readonly status: "open" | "closed";
	readonly tags: readonly string[];
	readonly lines: readonly { readonly skuId: string; readonly quantity: number }[];
	readonly closedAt?: Date;
};
export async function guardedWrites(store: Store<Stored>, closedAt: Date | undefined) {
	await store.change(
		{ _id: "1", status: { $in: ["open"] }, tags: "x", "lines.skuId": "s1", outboxAt: { $exists: false } },
		{ $set: { closedAt, "lines.0.quantity": 1 }, $push: { tags: "y" }, $unset: { closedAt: "" } }
	);
	await store.find({ $or: [{ tags: { $in: ["x"] } }, { lines: { $elemMatch: { skuId: "s1" } } }] });
	// @ts-expect-error a misspelt field in a guard
	await store.change({ _id: "1", statos: "open" }, { $set: { status: "closed" } });
	// @ts-expect-error a misspelt field in a branch
	await store.find({ $or: [{ statos: "open" }] });
	// @ts-expect-error a path through a misspelt field
	await store.find({ "linse.skuId": "s1" });
	// @ts-expect-error a value that the field never has
	await store.find({ status: "opened" });
	// @ts-expect-error a value that may be undefined, which would match what lacks the field
	await store.find({ closedAt });
	// @ts-expect-error no such operator
	await store.find({ tags: { $contains: "x" } });
	// @ts-expect-error a misspelt field in an update
	await store.change({ _id: "1" }, { $set: { statos: "closed" } });
	// @ts-expect-error a value that the field never has, in an update
	await store.change({ _id: "1" }, { $set: { status: "opened" } });
	// @ts-expect-error a misspelt operator
	await store.change({ _id: "1" }, { $sett: { status: "closed" } });
}
