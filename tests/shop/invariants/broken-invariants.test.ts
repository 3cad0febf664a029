import type * as BackendsModule from "../../../infrastructure/backends";
import type { Update } from "../../../infrastructure/documents/collection";
import { unique } from "../../support/builders";
import { openFactsWithoutRetries } from "../../support/facts-without-retries";
import { until } from "../../support/until";
import { findViolations } from "../../support/violations";
import { PayingShop } from "../../support/payments/paying-shop";

let payingShop: PayingShop;
const ids: Record<"orders" | "payments" | "stock" | "sent", string> = {
	orders: "",
	payments: "",
	stock: "",
	sent: ""
};
beforeAll(async () => {
	payingShop = await PayingShop.start();
	const { order, payment } = await payingShop.createPaidOrder();
	const { status } = await payingShop.shop.http("POST", `/admin/payments/${payment.id}/refund`, {
		token: payingShop.staff.token,
		key: unique("refund-"),
		body: { reason: "破损", items: [{ skuId: payingShop.skuId, quantity: 1 }] }
	});
	expect(status).toBe(200);
	await payingShop.waitForOrder(order.id, "refunded");
	const { order: sent } = await payingShop.createPaidOrder();
	const parcel = { carrier: "顺丰", trackingNo: unique("SF") };
	await payingShop.staff.mustSend("POST", `/admin/orders/${sent.id}/ship`, parcel);
	Object.assign(ids, {
		orders: order.id,
		payments: payment.id,
		stock: payingShop.skuId,
		sent: sent.id
	});
});
afterAll(() => payingShop.shop.stop());

it("finds no violation in a sound shop", async () => {
	expect(await findViolations()).toEqual([]);
});

it.each<[keyof typeof ids, Update, Update, RegExp]>([
	["stock", { $inc: { sold: -1 } }, { $inc: { sold: 1 } }, /^I1 .*: sold is -1 against its ledger/],
	[
		"sent",
		{ $inc: { "parcels.0.items.0.quantity": 1 } },
		{ $inc: { "parcels.0.items.0.quantity": -1 } },
		/^I15 .*: 1 of .* sent, 2 in its parcels/
	],
	["stock", { $inc: { reserved: 1 } }, { $inc: { reserved: -1 } }, /^I1 .*\+1 reserved against its open/],
	["payments", { $inc: { refunded: 1 } }, { $inc: { refunded: -1 } }, /^I2 .*: its refunds do not sum/],
	[
		"payments",
		{ $inc: { refundReserved: 1 } },
		{ $inc: { refundReserved: -1 } },
		/^I2 .*counted against it do not sum to/
	],
	[
		"payments",
		{ $push: { refundUnits: "another#0" } },
		{ $pull: { refundUnits: "another#0" } },
		/^I2 .*the units counted against it are not those of its refunds/
	],
	["orders", { $inc: { total: 1 } }, { $inc: { total: -1 } }, /^I7 .*the total is lines and fee/],
	[
		"orders",
		{ $set: { "items.0.heldQuantity": 1 } },
		{ $set: { "items.0.heldQuantity": 0 } },
		/^I13 .*the units held back are those of open claims/
	],
	["orders", { $set: { status: "paid" } }, { $set: { status: "refunded" } }, /^I8 .* its timeline ends at/],
	[
		"orders",
		{ $set: { status: "cancelled" } },
		{ $set: { status: "refunded" } },
		/^I3 .*cancelled and paid/
	]
])("finds the violation in %s after %j, until it is repaired", async (name, tamper, mend, complaint) => {
	const { backends } = require("../../../infrastructure/backends") as typeof BackendsModule;
	const documents = backends.collection(name === "sent" ? "orders" : name);

	await documents.change({ _id: ids[name] }, tamper);
	const broken = await findViolations();
	await documents.change({ _id: ids[name] }, mend);

	expect(broken).toContainEqual(expect.stringMatching(complaint));
	expect(await findViolations()).toEqual([]);
});

const LONG_AGO = new Date(0);
const NO_UNITS = { used: 1, limit: null, version: 1, inFlight: [] };
it.each<[string, object, RegExp]>([
	["left_behind", { outboxAt: LONG_AGO }, /^I4 left_behind .* has facts in its outbox/],
	["coupons", { status: "used", orderId: "nobody's", updatedAt: LONG_AGO }, /^I5 .*which is not live/],
	[
		"idempotency_claims",
		{ state: "done", answer: { status: 201, body: '{"data":{"id":"lost","orderNo":"1"}}' } },
		/^I6 orders lost was promised/
	],
	[
		"after_sales",
		{ status: "rejected", amount: 0, orderId: "lost", items: [], timeline: [], updatedAt: LONG_AGO },
		/^I6 after_sales .*: lost of orders is not there/
	],
	["coupon_quotas", NO_UNITS, /^I9 quota .* counts 1, its holds sum to 0/],
	["promotion_quotas", NO_UNITS, /^I10 quota .* counts 1, its holds sum to 0/],
	["points_accounts", { balance: 5, lots: [], inFlight: [] }, /^I11 .*: 5 points, the log sums to 0/],
	[
		"review_summaries",
		{ count: 1, withImages: 0, histogram: [0, 0, 0, 0, 1], inFlight: [] },
		/^I12 product .*: its summary is/
	],
	[
		"after_sales",
		{ status: "refunded", amount: 5, orderId: "", items: [], timeline: [], updatedAt: LONG_AGO },
		/^I14 case .*: 0 refunds that do not make its amount/
	]
])("finds the violation by a document in %s that has no ground", async (name, fields, complaint) => {
	const { backends } = require("../../../infrastructure/backends") as typeof BackendsModule;
	const documents = backends.collection(name);
	const _id = unique("groundless-");

	await documents.insert({ _id, ...fields });
	const broken = await findViolations([name]);
	await documents.remove({ _id });

	expect(broken).toContainEqual(expect.stringMatching(complaint));
	expect(await findViolations([name])).toEqual([]);
});

it("finds the violation of a fact that a service gave up, until its dead letter is discarded", async () => {
	const facts = openFactsWithoutRetries(payingShop.shop);
	const event = "user.registered";
	await facts.consume({ group: "stranger", event, handle: () => Promise.reject(new Error("Unfit")) });
	await facts.publish([{ id: unique("fact-"), event, payload: {}, at: new Date() }]);

	const broken = await until("the violation", async () => {
		const found = await findViolations();
		return found.length > 0 && found;
	});
	await facts.close();
	for (const { id } of await payingShop.listDeadLetters())
		await payingShop.staff.mustSend("POST", `/admin/dead-letters/${id}/discard`);

	expect(broken).toContainEqual(expect.stringMatching(/^I4 dead letter .*: Unfit/));
	expect(await findViolations()).toEqual([]);
});
