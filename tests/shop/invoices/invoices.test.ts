import { CaseDesk } from "../../support/after-sales";
import { PayingShop } from "../../support/payments/paying-shop";
import { until } from "../../support/until";

let payingShop: PayingShop;
let desk: CaseDesk;
beforeAll(async () => {
	payingShop = await PayingShop.start(500);
	desk = new CaseDesk(payingShop);
});
afterAll(() => payingShop.shop.stop());

const PERSONAL = { type: "personal", title: "李雷", email: "lilei@example.com" };
const COMPANY = { ...PERSONAL, type: "company", title: "西湖茶业有限公司", taxNo: "91330106MA2AXXXX0X" };
const ask = (orderId: string, body: object = PERSONAL) =>
	payingShop.shopper.send("POST", `/orders/${orderId}/invoice`, body);
const get = (orderId: string) => payingShop.shopper.mustSend("GET", `/orders/${orderId}/invoice`);
const issue = (id: string, number: string) =>
	payingShop.staff.send("POST", `/admin/invoices/${id}/issue`, { number, url: `/invoices/${number}.pdf` });
const refund = async (orderId: string, quantity: number) => {
	const { id } = await desk.open(orderId, quantity);
	await desk.asStaff(id, "approve");
	await desk.waitFor(id, "refunded");
};

it("invoices what was really paid, once, and anew after each refund until nothing is left", async () => {
	const { order } = await desk.buyAndReceive([{ skuId: payingShop.skuId, quantity: 3 }]);
	await refund(order.id, 1);

	const asked = await ask(order.id, COMPANY);
	const twice = await ask(order.id);
	const issued = await issue(asked.body.data.id, "2026-1");
	await refund(order.id, 1);
	const again = await until("the reissue", async () => {
		const seen = await get(order.id);
		return seen.status === "requested" && seen;
	});
	await issue(again.id, "2026-2");
	const second = await get(order.id);
	await refund(order.id, 1);
	const ended = await until("the end", async () => {
		const seen = await get(order.id);
		return seen.status === "rejected" && seen;
	});

	expect(asked.status).toBe(201);
	expect(asked.body.data).toMatchObject({
		...COMPANY,
		orderId: order.id,
		amount: 1000,
		status: "requested",
		number: null,
		url: null
	});
	expect([twice.status, twice.body.code]).toEqual([409, "DUPLICATE"]);
	expect(issued.body.data).toMatchObject({ status: "issued", number: "2026-1", amount: 1000 });
	expect(again).toMatchObject({
		amount: 500,
		number: null,
		reason: "refunded",
		replaced: [{ number: "2026-1", amount: 1000 }]
	});
	expect(second).toMatchObject({ status: "issued", number: "2026-2", amount: 500 });
	expect(ended).toMatchObject({ amount: 0, reason: "refunded", replaced: [{}, { number: "2026-2" }] });
});

it("refuses what can't be invoiced, and lets a buyer ask again after a rejection", async () => {
	const unpaid = await payingShop.placeOrder();
	const { order } = await desk.buy();
	const { token } = await payingShop.shop.register("13700000021");
	const foreign = await payingShop.shop.http("POST", `/orders/${order.id}/invoice`, {
		token,
		body: PERSONAL
	});
	const noTaxNo = await ask(order.id, { ...COMPANY, taxNo: undefined });
	const early = await ask(unpaid.id);
	const none = await payingShop.shopper.send("GET", `/orders/${order.id}/invoice`);
	const asked = await ask(order.id);
	const { id } = asked.body.data;
	const path = `/admin/invoices/${id}`;
	const listed = await payingShop.staff.mustSend(
		"GET",
		`/admin/invoices?status=requested&orderId=${order.id}`
	);
	const rejected = await payingShop.staff.send("POST", `${path}/reject`, { reason: "抬头有误" });
	const late = await issue(id, "2026-3");

	const again = await ask(order.id, COMPANY);

	expect([foreign, early, none].map(({ status }) => status)).toEqual([404, 409, 404]);
	expect(noTaxNo.body.data).toEqual([expect.objectContaining({ field: "taxNo", type: "required" })]);
	expect(listed.items).toEqual([expect.objectContaining({ id, amount: 500 })]);
	expect(rejected.body.data).toMatchObject({ status: "rejected", reason: "抬头有误" });
	expect(late.body.code).toBe("INVALID_STATE");
	expect([again.status, again.body.data.title, again.body.data.id]).toEqual([201, COMPANY.title, id]);
});
