import { createPrivateKey } from "node:crypto";
import type { AlipaySdk } from "alipay-sdk";
import fc from "fast-check";
import { SANDBOX_ALIPAY } from "../../../infrastructure/sandbox-keys/keys";
import { extractSignedNode } from "../../../services/payments/channels/alipay/protocol/signing";
import type { ChannelNotification } from "../../../services/payments/channels/payment-channel";
import { signForm } from "../../../services/sandbox/emulators/alipay/gateway";
import type {
	EmulatorRequest,
	NotificationRequest
} from "../../../services/sandbox/emulators/channel-emulator";
import { aPaymentRequest, startAlipay, type EmulatedChannel } from "../../support/payments/emulated-channels";
import { createAlipaySdk } from "../../support/payments/sdks";

/** Alipay's own SDK verifies our emulator's and our client's signatures. */
let at: EmulatedChannel;
let sdk: AlipaySdk;
beforeAll(async () => {
	at = await startAlipay();
	sdk = createAlipaySdk(at.baseUrl);
});
afterAll(() => at.stop());

async function paid(): Promise<{ paymentNo: string; notification: NotificationRequest }> {
	const { paymentNo } = await ordered();
	const result = await at.emulator.pay(paymentNo, "success");
	if (!("notification" in result)) throw new Error(`Not paid: ${result.outcome}`);
	return { paymentNo, notification: result.notification };
}
async function ordered() {
	const session = aPaymentRequest(at.clock);
	await at.channel.create(session);
	return session;
}
const refund = (paymentNo: string, n: number, amount: number) =>
	at.channel.refund({ paymentNo, refundNo: `${paymentNo}_${n}`, amount, total: 12_345, reason: "破损" });
const formOf = ({ body }: NotificationRequest) => Object.fromEntries(new URLSearchParams(body));

describe("Alipay's SDK and our emulator's notifications", () => {
	it("accepts the notification of a payment, of a partial refund, and of a full refund", async () => {
		const { paymentNo, notification } = await paid();
		at.notifications.length = 0;
		await refund(paymentNo, 1, 2345);
		await refund(paymentNo, 2, 10_000);

		const sent = [notification, ...at.notifications].map(formOf);

		const verdicts = sent.map(form => [form["trade_status"], sdk.checkNotifySignV2(form)]);
		expect(verdicts).toEqual([
			["TRADE_SUCCESS", true],
			["TRADE_SUCCESS", true],
			["TRADE_CLOSED", true]
		]);
	});

	it("refuses a forged one, and one with any field altered, added or left out", async () => {
		const { paymentNo, notification } = await paid();
		const form = formOf(notification);
		const forged = await at.emulator.paymentNotification(paymentNo, { forged: true });
		const signed = Object.keys(form).filter(name => name !== "sign" && name !== "sign_type");

		const altered = signed.map(name => ({ ...form, [name]: `${form[name]}0` }));
		const shortened = signed.map(name =>
			Object.fromEntries(Object.entries(form).filter(([key]) => key !== name))
		);

		expect(signed.length).toBeGreaterThan(15);
		expect(sdk.checkNotifySignV2(form)).toBe(true);
		for (const wrong of [
			...altered,
			...shortened,
			{ ...form, refund_fee: "1.00" },
			forged && formOf(forged)
		])
			expect(sdk.checkNotifySignV2(wrong)).toBe(false);
	});

	it("agrees with our client whatever the values contain", () => {
		const genuine = createPrivateKey(SANDBOX_ALIPAY.platform.privateKey);
		const text = fc.string({
			unit: fc.constantFrom("a", "折", "🎁", "%", "+", " ", "&", "=", '"', "\\")
		});
		fc.assert(
			fc.property(text, subject => {
				const body = signForm({ ...aNotification, subject }, genuine);

				const theirs = sdk.checkNotifySignV2(Object.fromEntries(new URLSearchParams(body)));
				const ours = attempt(() => at.channel.parseNotification(Buffer.from(body), {}));

				expect(theirs).toBe(true);
				// Only our client rejects a text that could be re-split into another amount under the same signature.
				expect(ours).toBe(/&\w+=/.test(subject) ? "malformed" : "paid");
			}),
			{ examples: [["a&total_amount=9999.00"]] }
		);
	});
});

describe("our client and Alipay's SDK", () => {
	it("sign each of the shop's calls alike, to the last character", async () => {
		const handle = jest.spyOn(at.emulator, "handle");
		const requests = (["qr", "page", "wap", "app", "jsapi"] as const).map(scene =>
			aPaymentRequest(at.clock, { scene, openid: "buyer-1" })
		);
		const refundOrder = {
			paymentNo: requests[0]?.paymentNo ?? "",
			refundNo: "R_1",
			amount: 1,
			total: 12_345
		};
		for (const request of requests) {
			const made = await at.channel.create(request);
			const action = made.outcome === "created" ? made.action : undefined;
			if (request.scene !== "qr") await at.emulator.pay(request.paymentNo, "fail", action);
		}
		await at.channel.query(refundOrder.paymentNo);
		await at.channel.close(refundOrder.paymentNo);
		await at.channel.refund({ ...refundOrder, reason: "不想要了 100% + “&”" });
		await at.channel.queryRefund(refundOrder);
		await at.channel.bill("2026-01-30");

		const ours = handle.mock.calls.map(([request]) => paramsOf(request));

		expect(new Set(ours.map(({ method }) => method)).size).toBe(10);
		for (const params of ours) expect(params).toEqual(bySdk(params));
	});

	it("cut the same characters out of an answer to verify them", async () => {
		const answers = [
			'{"a_response":{"code":"10000","msg":"Success"},"sign":"c2ln"}',
			'{"a_response":{"code":"10000","list":[{"n":"1"},{"n":"2"}],"url":"https:\\/\\/x"},"sign":"c2ln"}',
			'{"a_response":{"code":"40004","sub_msg":"交易 \\"1\\" 不存在 }{ "},"sign":"c2ln"}'
		];

		for (const answer of answers)
			expect(extractSignedNode(answer, "a_response")?.content).toBe(
				sdk.getSignStr(answer, "a_response")
			);
	});
});

/** The SDK's result for the same input. */
function bySdk({ method = "", sign: _, app_id: __, biz_content = "{}", ...others }: Record<string, string>) {
	const signed = sdk.sdkExecute(method, { ...others, bizContent: JSON.parse(biz_content) });
	return Object.fromEntries(new URLSearchParams(signed));
}

const paramsOf = ({ query, rawBody }: EmulatorRequest): Record<string, string> =>
	Object.fromEntries([...new URLSearchParams(query), ...new URLSearchParams(rawBody.toString())]);

const aNotification = {
	app_id: SANDBOX_ALIPAY.appId,
	seller_id: SANDBOX_ALIPAY.sellerId,
	notify_type: "trade_status_sync",
	notify_id: "n1",
	out_trade_no: "PAY_000001",
	total_amount: "1.00",
	trade_no: "2088",
	trade_status: "TRADE_SUCCESS",
	gmt_payment: "2026-01-31 16:00:00"
};

function attempt(read: () => ChannelNotification): string {
	try {
		return read().outcome;
	} catch (err) {
		return err instanceof Error && "reason" in err ? String(err.reason) : "thrown";
	}
}
