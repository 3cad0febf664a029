import type * as BackendsModule from "../../../infrastructure/backends";
import type { Update } from "../../../infrastructure/documents/collection";
import { unique } from "../../support/builders";
import { findViolations } from "../../support/violations";
import { PayingShop } from "../../support/payments/paying-shop";

let payingShop: PayingShop;
const ids: Record<"orders" | "payments" | "stock", string> = { orders: "", payments: "", stock: "" };
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
	Object.assign(ids, { orders: order.id, payments: payment.id, stock: payingShop.skuId });
});
afterAll(() => payingShop.shop.stop());

it("finds no violation in a sound shop", async () => {
	expect(await findViolations()).toEqual([]);
});

it.each<[keyof typeof ids, Update, Update, RegExp]>([
	["stock", { $inc: { sold: -1 } }, { $inc: { sold: 1 } }, /^I1 .*: sold is -1 against its ledger/],
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
	const documents = backends.collection(name);

	await documents.change({ _id: ids[name] }, tamper);
	const broken = await findViolations();
	await documents.change({ _id: ids[name] }, mend);

	expect(broken).toContainEqual(expect.stringMatching(complaint));
	expect(await findViolations()).toEqual([]);
});
