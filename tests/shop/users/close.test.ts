import { aSku, StaffClient } from "../../support/builders";
import { aTemplate } from "../../support/offers";
import { login, newPhone, outcomeOf, PASSWORD, requestCode } from "../../support/people";
import { startShop, type Reply, type Shop } from "../../support/shop";
import { Shopper } from "../../support/shopper";
import { until } from "../../support/until";

let shop: Shop;
let admin: StaffClient;
let skuId: string;
beforeAll(async () => {
	shop = await startShop();
	admin = new StaffClient(shop, await shop.asAdmin());
	const { skus } = await admin.addProductOnShelf({ skus: [aSku()] });
	skuId = skus[0].id;
	await admin.addStock(skuId, 100);
});
afterAll(() => shop.stop());

type Buyer = { readonly phone: string; readonly id: string; readonly shopper: Shopper };
async function newBuyer(): Promise<Buyer> {
	const phone = newPhone();
	const { token, user } = await shop.register(phone, PASSWORD);
	return { phone, id: user.id, shopper: new Shopper(shop, token) };
}
async function close({ phone, shopper }: Buyer, more: object = {}): Promise<Reply> {
	const smsCode = await requestCode(shop, phone, "close");
	return shopper.send("POST", "/me/close", { password: PASSWORD, smsCode, ...more });
}

describe("the export of an account", () => {
	it("holds everything about its owner and nothing about others", async () => {
		const [buyer, other] = [await newBuyer(), await newBuyer()];
		const order = await buyer.shopper.order(skuId);
		await buyer.shopper.createPayment(order.id);
		await buyer.shopper.send("POST", "/cart/items", { skuId, quantity: 3 });
		const foreign = await other.shopper.order(skuId);
		const template = await admin.mustSend(
			"POST",
			"/admin/coupon-templates",
			aTemplate("fixed", { value: 100 })
		);
		const coupon = await buyer.shopper.mustSend("POST", `/coupons/templates/${template.id}/claim`, {});

		const { status, body } = await buyer.shopper.send("GET", "/me/export");

		expect(status).toBe(200);
		const { users, auth, orders, payments, carts, audit, coupons, points, members } = body.data.services;
		expect(users).toMatchObject({ profile: { id: buyer.id, phone: buyer.phone }, addresses: [{}] });
		expect(auth.sessions).toMatchObject([{ current: true, ip: "127.0.0.1" }]);
		expect(orders.orders).toMatchObject([{ orderNo: order.orderNo, address: { receiver: "李雷" } }]);
		expect(payments.payments).toMatchObject([{ orderId: order.id }]);
		expect(carts.cart).toMatchObject([{ skuId, quantity: 3 }]);
		expect(coupons.coupons).toMatchObject([{ id: coupon.id, status: "unused" }]);
		expect([points, members]).toEqual([{ balance: 0, entries: [] }, { spent: 0 }]);
		expect(audit.entries.map((entry: any) => entry.by)).toContain(buyer.id);
		expect(JSON.stringify(body)).not.toMatch(new RegExp(`${foreign.id}|${other.phone}|argon2`));
	});
});

describe("closing an account", () => {
	it("is refused while an order is open, and the code can be sent again", async () => {
		const buyer = await newBuyer();
		const order = await buyer.shopper.order(skuId);
		const smsCode = await requestCode(shop, buyer.phone, "close");
		const closing = () => buyer.shopper.send("POST", "/me/close", { password: PASSWORD, smsCode });

		const refused = await closing();
		await buyer.shopper.mustSend("POST", `/orders/${order.id}/cancel`, {});
		const closed = await closing();

		expect([refused, closed].map(outcomeOf)).toEqual(["409 INVALID_STATE", "200 OK"]);
		expect(refused.body.data).toEqual({
			id: buyer.id,
			state: "open",
			allowed: [],
			open: [{ kind: "order", id: order.id }]
		});
	});

	it("needs the password and a code for this purpose", async () => {
		const buyer = await newBuyer();

		const wrongPassword = await close(buyer, { password: "Not-the-one-1" });
		const otherPurpose = await close(buyer, {
			smsCode: await requestCode(shop, buyer.phone, "step_up")
		});
		const withoutCode = await close(buyer, { smsCode: undefined });

		expect([wrongPassword, otherPurpose, withoutCode].map(outcomeOf)).toEqual([
			"401 BAD_CREDENTIALS",
			"401 SMS_CODE_INVALID",
			"400 VALIDATION_ERROR"
		]);
		expect(outcomeOf(await login(shop, buyer.phone))).toBe("200 OK");
	});

	it("erases what is personal and keeps the books", async () => {
		const buyer = await newBuyer();
		await buyer.shopper.mustSend("PATCH", "/me", { nickname: "张三丰", email: "z@example.com" });
		const order = await buyer.shopper.order(skuId, 2);
		await buyer.shopper.mustSend("POST", `/orders/${order.id}/cancel`, { reason: "请联系张三丰" });

		expect(outcomeOf(await close(buyer))).toBe("200 OK");

		const kept = await until("the order and its reasons to be erased", async () => {
			const found = await admin.mustSend("GET", `/admin/orders/${order.id}`);
			return /李雷|张三丰/.test(JSON.stringify(found)) ? null : found;
		});
		expect(kept.timeline.map(({ reason }: { reason: unknown }) => reason)).toContain("***");
		const user = await admin.mustSend("GET", `/admin/users/${buyer.id}`);
		expect(kept).toMatchObject({ orderNo: order.orderNo, total: order.total, userId: buyer.id });
		expect(JSON.stringify([kept.address, user])).not.toMatch(
			new RegExp(`李雷|文三路|13900000000|张三丰|example|${buyer.phone.slice(-4)}`)
		);
		expect(user).toMatchObject({ status: "disabled", phone: "***" });
	});

	it("ends the sessions at once, and frees the phone for a new account", async () => {
		const buyer = await newBuyer();
		await close(buyer);

		const replies = [
			await buyer.shopper.send("GET", "/me"),
			await login(shop, buyer.phone),
			await admin.send("PUT", `/admin/users/${buyer.id}/status`, { status: "active" }),
			await admin.send("PUT", `/admin/users/${buyer.id}/roles`, { roles: ["admin"] })
		];
		const smsCode = await requestCode(shop, buyer.phone, "register");
		const again = await shop.http("POST", "/auth/register", {
			body: { phone: buyer.phone, smsCode, password: PASSWORD }
		});

		expect([...replies, again].map(outcomeOf)).toEqual([
			"401 UNAUTHORIZED",
			"401 BAD_CREDENTIALS",
			"409 INVALID_STATE",
			"409 INVALID_STATE",
			"201 OK"
		]);
		expect(again.body.data.user.id).not.toBe(buyer.id);
	});

	it("is refused to the last administrator, who stays one", async () => {
		const smsCode = await requestCode(shop, "13800000000", "close");

		const refused = await admin.send("POST", "/me/close", { password: "Mall-admin-1", smsCode });

		expect(outcomeOf(refused)).toBe("409 LAST_ONE");
		expect((await admin.send("GET", "/admin/users")).status).toBe(200);
	});
});
