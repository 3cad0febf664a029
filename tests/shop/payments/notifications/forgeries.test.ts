import { createPrivateKey, createSign } from "node:crypto";
import fc from "fast-check";
import { IMPOSTOR, SANDBOX_ALIPAY, SANDBOX_WECHAT } from "../../../../infrastructure/sandbox-keys/keys";
import { PayingShop } from "../../../support/payments/paying-shop";
import {
	ACK_STATUS,
	unchanged,
	changeBody,
	CHANNEL_KEYS
} from "../../../support/payments/notification-writers";

let payingShop: PayingShop;
beforeAll(async () => {
	payingShop = await PayingShop.start();
});
afterAll(() => payingShop.shop.stop());

const SHOP_KEYS = { alipay: SANDBOX_ALIPAY.merchant.privateKey, wechat: SANDBOX_WECHAT.merchant.privateKey };

describe.each(["alipay", "wechat"] as const)("a notification of %s", channel => {
	it("is rejected when an impostor's key signed it [4]", async () => {
		await payingShop.expectRejected(channel, unchanged, { key: createPrivateKey(IMPOSTOR.privateKey) });
	});

	it("is rejected when the shop's own key signed it [13]", async () => {
		await payingShop.expectRejected(channel, unchanged, { key: createPrivateKey(SHOP_KEYS[channel]) });
	});

	it("is rejected when any one bit of it was flipped [5]", async () => {
		const { payment, expectUnchanged, listAnomalies } = await payingShop.createUnpaidPayment(channel);
		const notification = payingShop.notificationWriters[channel](payment);
		const bytes = Buffer.from(notification.body);

		await fc.assert(
			fc.asyncProperty(fc.nat(bytes.length * 8 - 1), async bit => {
				const flipped = Uint8Array.from(bytes);
				flipped[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
				// A form has several spellings: `%2f` is `%2F`.
				fc.pre(channel === "wechat" || fieldsOf(flipped) !== fieldsOf(bytes));

				const status = await payingShop.postNotification({ ...notification, body: flipped });

				expect(status).toBe(401);
			}),
			{ numRuns: 200 }
		);

		await expectUnchanged();
		expect(await listAnomalies()).toEqual([]);
		expect(await payingShop.postNotification(notification)).toBe(ACK_STATUS[channel]);
	});

	it("is rejected when it is truncated, empty or of another kind [5]", async () => {
		await payingShop.expectRejected(
			channel,
			changeBody(text => text.slice(0, -1))
		);
		await payingShop.expectRejected(
			channel,
			changeBody(() => "")
		);
		await payingShop.expectRejected(
			channel,
			changeBody(() => "[]")
		);
		await payingShop.expectRejected(
			channel,
			changeBody(text => `${text} `)
		);
	});
});

const fieldsOf = (bytes: Uint8Array) =>
	JSON.stringify([...new URLSearchParams(Buffer.from(bytes).toString("latin1"))]);

describe("a notification of Alipay", () => {
	const as = (sign_type: string) =>
		changeBody(form => {
			const fields = new URLSearchParams(form);
			fields.set("sign_type", sign_type);
			return String(fields);
		});

	it.each(["RSA", "SHA-1", "XX", "", "rsa2", "none", "__proto__"])(
		"is rejected with sign_type=%s [6]",
		async sign_type => {
			await payingShop.expectRejected("alipay", as(sign_type));
		}
	);

	it.each(["RSA", "RSA2"])("is rejected when signed by SHA-1 as %s [6]", async sign_type => {
		const bySha1 = changeBody(form => {
			const fields = new URLSearchParams(form);
			fields.delete("sign");
			fields.delete("sign_type");
			const text = [...fields]
				.sort(([a], [b]) => (a < b ? -1 : 1))
				.map(([name, value]) => `${name}=${value}`);
			const sign = createSign("RSA-SHA1").update(text.join("&")).sign(CHANNEL_KEYS.alipay, "base64");
			return String(new URLSearchParams([...fields, ["sign_type", sign_type], ["sign", sign]]));
		});

		await payingShop.expectRejected("alipay", bySha1);
	});

	it.each([
		["its signature as an array", (form: string) => form.replace("&sign=", "&sign[]=")],
		["its sign_type as an array", (form: string) => form.replace("&sign_type=", "&sign_type[]=")],
		["two arrays", (form: string) => `${form}&sign[]=a&sign_type[]=RSA`],
		["no signature", (form: string) => form.replace(/&sign=[^&]*/, "")],
		["no sign_type", (form: string) => form.replace(/&sign_type=[^&]*/, "")]
	])("is rejected with %s [6]", async (_, change) => {
		await payingShop.expectRejected("alipay", changeBody(change));
	});

	it.each([
		"total_amount=0.01",
		"total_amount=10.00",
		"out_trade_no=P1",
		"sign=a",
		"sign_type=RSA2",
		"x=1&x=1"
	])("is rejected with %s once more [19]", async field => {
		await payingShop.expectRejected(
			"alipay",
			changeBody(form => `${form}&${field}`)
		);
		await payingShop.expectRejected(
			"alipay",
			changeBody(form => `${field}&${form}`)
		);
	});

	it("is rejected when its subject is re-split into a larger total, though the signature still fits [18]", async () => {
		const { payment, expectUnchanged, listAnomalies } = await payingShop.createUnpaidPayment("alipay");
		const subject = "x&total_amount=10.00&total_amount2=";
		const signed = payingShop.notificationWriters.alipay(
			{ ...payment, amount: 1 },
			{ fields: { subject } }
		);
		const cut = changeBody(form => {
			const fields = new URLSearchParams(form);
			fields.set("subject", "x");
			fields.set("total_amount", "10.00");
			fields.set("total_amount2", "&total_amount=0.01");
			return String(fields);
		})(signed);

		const statuses = [await payingShop.postNotification(cut), await payingShop.postNotification(signed)];

		expect(statuses).toEqual([401, 401]);
		await expectUnchanged();
		expect(await listAnomalies()).toEqual([]);
	});
});
