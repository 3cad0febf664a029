import { createPrivateKey, createSign } from "node:crypto";
import fc from "fast-check";
import { IMPOSTOR, SANDBOX_ALIPAY, SANDBOX_WECHAT } from "../../../../infrastructure/sandbox-keys/keys";
import { PayingShop } from "../../../support/payments/paying-shop";
import { ACK, unchanged, changeBody, KEYS } from "../../../support/payments/notification-writers";

let counter: PayingShop;
beforeAll(async () => {
	counter = await PayingShop.open();
});
afterAll(() => counter.shop.stop());

const OWN = { alipay: SANDBOX_ALIPAY.merchant.privateKey, wechat: SANDBOX_WECHAT.merchant.privateKey };

describe.each(["alipay", "wechat"] as const)("a notice of %s", channel => {
	it("is turned away when an impostor's key signed it [4]", async () => {
		await counter.expectRejected(channel, unchanged, { key: createPrivateKey(IMPOSTOR.privateKey) });
	});

	it("is turned away when the shop's own key signed it [13]", async () => {
		await counter.expectRejected(channel, unchanged, { key: createPrivateKey(OWN[channel]) });
	});

	it("is turned away when any one bit of it was flipped [5]", async () => {
		const { payment, untouched, anomalies } = await counter.unpaidOrder(channel);
		const notice = counter.notificationWriters[channel](payment);
		const bytes = Buffer.from(notice.body);

		await fc.assert(
			fc.asyncProperty(fc.nat(bytes.length * 8 - 1), async bit => {
				const flipped = Uint8Array.from(bytes);
				flipped[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
				// A form can be written in several ways: `%2f` is `%2F`.
				fc.pre(channel === "wechat" || fieldsOf(flipped) !== fieldsOf(bytes));

				const status = await counter.post({ ...notice, body: flipped });

				expect(status).toBe(401);
			}),
			{ numRuns: 200 }
		);

		await untouched();
		expect(await anomalies()).toEqual([]);
		expect(await counter.post(notice)).toBe(ACK[channel]);
	});

	it("is turned away when it is cut off, empty or of another kind [5]", async () => {
		await counter.expectRejected(
			channel,
			changeBody(text => text.slice(0, -1))
		);
		await counter.expectRejected(
			channel,
			changeBody(() => "")
		);
		await counter.expectRejected(
			channel,
			changeBody(() => "[]")
		);
		await counter.expectRejected(
			channel,
			changeBody(text => `${text} `)
		);
	});
});

const fieldsOf = (bytes: Uint8Array) =>
	JSON.stringify([...new URLSearchParams(Buffer.from(bytes).toString("latin1"))]);

describe("a notice of Alipay", () => {
	const as = (sign_type: string) =>
		changeBody(form => {
			const fields = new URLSearchParams(form);
			fields.set("sign_type", sign_type);
			return String(fields);
		});

	it.each(["RSA", "SHA-1", "XX", "", "rsa2", "none", "__proto__"])(
		"is turned away with sign_type=%s [6]",
		async sign_type => {
			await counter.expectRejected("alipay", as(sign_type));
		}
	);

	it.each(["RSA", "RSA2"])("is turned away when signed by SHA-1 as %s [6]", async sign_type => {
		const bySha1 = changeBody(form => {
			const fields = new URLSearchParams(form);
			fields.delete("sign");
			fields.delete("sign_type");
			const text = [...fields]
				.sort(([a], [b]) => (a < b ? -1 : 1))
				.map(([name, value]) => `${name}=${value}`);
			const sign = createSign("RSA-SHA1").update(text.join("&")).sign(KEYS.alipay, "base64");
			return String(new URLSearchParams([...fields, ["sign_type", sign_type], ["sign", sign]]));
		});

		await counter.expectRejected("alipay", bySha1);
	});

	it.each([
		["its signature as an array", (form: string) => form.replace("&sign=", "&sign[]=")],
		["its sign_type as an array", (form: string) => form.replace("&sign_type=", "&sign_type[]=")],
		["two arrays", (form: string) => `${form}&sign[]=a&sign_type[]=RSA`],
		["no signature", (form: string) => form.replace(/&sign=[^&]*/, "")],
		["no sign_type", (form: string) => form.replace(/&sign_type=[^&]*/, "")]
	])("is turned away with %s [6]", async (_, change) => {
		await counter.expectRejected("alipay", changeBody(change));
	});

	it.each([
		"total_amount=0.01",
		"total_amount=10.00",
		"out_trade_no=P1",
		"sign=a",
		"sign_type=RSA2",
		"x=1&x=1"
	])("is turned away with %s once more [19]", async field => {
		await counter.expectRejected(
			"alipay",
			changeBody(form => `${form}&${field}`)
		);
		await counter.expectRejected(
			"alipay",
			changeBody(form => `${field}&${form}`)
		);
	});

	it("is turned away when its subject was cut into a larger total, though the signature still fits [18]", async () => {
		const { payment, untouched, anomalies } = await counter.unpaidOrder("alipay");
		const subject = "x&total_amount=10.00&total_amount2=";
		const signed = counter.notificationWriters.alipay({ ...payment, amount: 1 }, { fields: { subject } });
		const cut = changeBody(form => {
			const fields = new URLSearchParams(form);
			fields.set("subject", "x");
			fields.set("total_amount", "10.00");
			fields.set("total_amount2", "&total_amount=0.01");
			return String(fields);
		})(signed);

		const statuses = [await counter.post(cut), await counter.post(signed)];

		expect(statuses).toEqual([401, 401]);
		await untouched();
		expect(await anomalies()).toEqual([]);
	});
});
