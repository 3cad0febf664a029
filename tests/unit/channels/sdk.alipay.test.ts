import type { AlipaySdk } from "alipay-sdk";
import { IMPOSTOR, SANDBOX_ALIPAY } from "../../../infrastructure/sandbox-keys/keys";
import type { PaymentRequest } from "../../../services/payments/channels/payment-channel";
import { formatGatewayTime } from "../../../services/sandbox/emulators/alipay/gateway";
import {
	aPaymentRequest,
	CASHIER,
	startAlipay,
	type EmulatedChannel
} from "../../support/payments/emulated-channels";
import { createAlipaySdk } from "../../support/payments/sdks";

/** Alipay's own SDK, used as by a merchant, against our emulator. */
let at: EmulatedChannel;
let sdk: AlipaySdk;
beforeAll(async () => {
	at = await startAlipay();
	sdk = createAlipaySdk(at.baseUrl);
});
afterAll(() => at.stop());
afterEach(() => jest.restoreAllMocks());

/** The SDK's own timestamp would be in the time zone of the process. */
const timed = (params: object) => ({ timestamp: formatGatewayTime(at.clock.now), ...params });
/** By default the SDK does not verify the signature of an answer. */
const ask = (method: string, bizContent: Record<string, string>, by = sdk) =>
	by.exec(method, timed({ bizContent }), { validateSign: true });

const orderOf = ({ paymentNo, description, expiresAt }: PaymentRequest) => ({
	out_trade_no: paymentNo,
	total_amount: "123.45",
	subject: description,
	time_expire: formatGatewayTime(expiresAt)
});
async function ordered(): Promise<string> {
	const session = aPaymentRequest(at.clock);
	await sdk.exec(
		"alipay.trade.precreate",
		timed({ notifyUrl: "http://shop.example/n", bizContent: orderOf(session) })
	);
	return session.paymentNo;
}
async function paid(): Promise<string> {
	const paymentNo = await ordered();
	await at.emulator.pay(paymentNo, "success");
	return paymentNo;
}
const refund = (paymentNo: string, refundNo: string, refundAmount: string) =>
	ask("alipay.trade.refund", {
		out_trade_no: paymentNo,
		out_request_no: refundNo,
		refund_amount: refundAmount
	});

describe("Alipay's SDK at our emulator", () => {
	it("gets a code, and follows its payment from unknown over waiting to paid", async () => {
		const session = aPaymentRequest(at.clock);
		const state = async () => {
			const { code, subCode, tradeStatus } = await ask("alipay.trade.query", {
				out_trade_no: session.paymentNo
			});
			return [code, subCode ?? tradeStatus];
		};

		const created = await ask("alipay.trade.precreate", orderOf(session));
		const unscanned = await state();
		await at.emulator.openCashier(session.paymentNo);
		const scanned = await state();
		await at.emulator.pay(session.paymentNo, "success");

		expect(created).toMatchObject({
			code: "10000",
			outTradeNo: session.paymentNo,
			qrCode: `${CASHIER}/${session.paymentNo}`
		});
		expect(unscanned).toEqual(["40004", "ACQ.TRADE_NOT_EXIST"]);
		expect(scanned).toEqual(["10000", "WAIT_BUYER_PAY"]);
		expect(await state()).toEqual(["10000", "TRADE_SUCCESS"]);
	});

	it.each([
		["alipay.trade.page.pay", "FAST_INSTANT_TRADE_PAY"],
		["alipay.trade.wap.pay", "QUICK_WAP_WAY"]
	])(
		"sends a browser to the cashier by the address and by the form of %s",
		async (method, product_code) => {
			const [byAddress, byForm] = [aPaymentRequest(at.clock), aPaymentRequest(at.clock)];
			const page = (session: PaymentRequest) =>
				timed({ bizContent: { ...orderOf(session), product_code } });

			const address = sdk.pageExecute(method, "GET", page(byAddress));
			const opened = await fetch(address, { redirect: "manual" });
			const submitted = await submit(sdk.pageExecute(method, "POST", page(byForm)));

			const seen = [opened, submitted].map(({ headers }) => headers.get("location"));
			expect(seen).toEqual([`${CASHIER}/${byAddress.paymentNo}`, `${CASHIER}/${byForm.paymentNo}`]);
		}
	);

	it("creates a trade for a buyer, which exists at once, and none for nobody", async () => {
		const request = aPaymentRequest(at.clock);
		const trade = {
			out_trade_no: request.paymentNo,
			subject: request.description,
			total_amount: "123.45",
			time_expire: formatGatewayTime(request.expiresAt),
			product_code: "JSAPI_PAY",
			op_app_id: SANDBOX_ALIPAY.appId
		};

		const refused = await ask("alipay.trade.create", trade);
		const created = await ask("alipay.trade.create", { ...trade, buyer_open_id: "buyer-1" });
		const queried = await ask("alipay.trade.query", { out_trade_no: request.paymentNo });

		expect(refused).toMatchObject({ code: "40004", subCode: "ACQ.INVALID_PARAMETER" });
		expect(created).toMatchObject({ code: "10000", outTradeNo: request.paymentNo });
		expect(queried).toMatchObject({ tradeStatus: "WAIT_BUYER_PAY", tradeNo: created.tradeNo });
	});

	it("closes an unpaid payment, once", async () => {
		const paymentNo = await ordered();
		await at.emulator.openCashier(paymentNo);

		const closed = await ask("alipay.trade.close", { out_trade_no: paymentNo });
		const again = await ask("alipay.trade.close", { out_trade_no: paymentNo });

		const after = await ask("alipay.trade.query", { out_trade_no: paymentNo });
		expect(closed).toMatchObject({ code: "10000", outTradeNo: paymentNo });
		expect(again).toMatchObject({ code: "40004", subCode: "ACQ.TRADE_STATUS_ERROR" });
		expect(after).toMatchObject({ tradeStatus: "TRADE_CLOSED" });
	});

	it("refunds in parts under separate numbers, and finds each again", async () => {
		const paymentNo = await paid();

		const part = await refund(paymentNo, "SDK_1", "23.45");
		const again = await refund(paymentNo, "SDK_1", "23.45");
		const rest = await refund(paymentNo, "SDK_2", "100.00");

		const found = await ask("alipay.trade.fastpay.refund.query", {
			out_trade_no: paymentNo,
			out_request_no: "SDK_1"
		});
		expect([part, again, rest].map(({ fundChange, refundFee }) => [fundChange, refundFee])).toEqual([
			["Y", "23.45"],
			["N", "23.45"],
			["Y", "123.45"]
		]);
		expect(found).toMatchObject({ refundStatus: "REFUND_SUCCESS", refundAmount: "23.45" });
	});

	it("learns where a day's bill is, and that another day has none", async () => {
		await paid();
		const bill = (bill_date: string) =>
			ask("alipay.data.dataservice.bill.downloadurl.query", { bill_type: "trade", bill_date });

		const { billDownloadUrl } = await bill("2026-01-31");
		const none = await bill("2026-01-30");

		const file = Buffer.from(await (await fetch(billDownloadUrl)).arrayBuffer());
		expect(file.subarray(0, 4).toString("latin1")).toBe("PK\x03\x04");
		expect(none).toMatchObject({ code: "40004", subCode: "isp.bill_not_exist" });
	});

	it("rejects an answer that was altered on the way, or signed by somebody else", async () => {
		const paymentNo = await ordered();
		await at.emulator.openCashier(paymentNo);
		const query = (by?: AlipaySdk) => ask("alipay.trade.query", { out_trade_no: paymentNo }, by);
		const genuine = at.emulator.handle.bind(at.emulator);
		jest.spyOn(at.emulator, "handle").mockImplementationOnce(async request => {
			const reply = await genuine(request);
			return { ...reply, body: String(reply.body).replace("WAIT_BUYER_PAY", "TRADE_SUCCESS") };
		});

		await expect(query()).rejects.toThrow("验签失败");
		await expect(query(createAlipaySdk(at.baseUrl, IMPOSTOR.publicKey))).rejects.toThrow("验签失败");
		expect(await query()).toMatchObject({ tradeStatus: "WAIT_BUYER_PAY" });
	});
});

/** Presses the button of the SDK's form. */
function submit(html: string): Promise<Response> {
	const unescaped = (text = "") => text.replaceAll("&quot;", '"');
	const fields = [...html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)];
	const body = new URLSearchParams();
	for (const [, name = "", value] of fields) body.set(name, unescaped(value));
	return fetch(/action="([^"]*)"/.exec(html)?.[1] ?? "", { method: "POST", body, redirect: "manual" });
}
