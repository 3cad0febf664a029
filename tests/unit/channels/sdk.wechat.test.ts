import { createHash } from "node:crypto";
import { Formatter } from "wechatpay-axios-plugin";
import { IMPOSTOR, SANDBOX_WECHAT } from "../../../infrastructure/sandbox-keys/keys";
import { formatPlatformTime } from "../../../services/sandbox/emulators/wechat/platform";
import {
	aPaymentRequest,
	CASHIER,
	startWechat,
	type EmulatedChannel
} from "../../support/payments/emulated-channels";
import { createWechatSdk } from "../../support/payments/sdks";

/** A public SDK of WeChat Pay, used as by a merchant, against our emulator. The SDK itself verifies every 2xx answer. */
const { appId, merchantId: mchid } = SANDBOX_WECHAT;
let at: EmulatedChannel;
let sdk: ReturnType<typeof createWechatSdk>;
beforeAll(async () => {
	at = await startWechat();
	at.clock.now = new Date(); // the SDK uses the machine's clock
	sdk = createWechatSdk(at.baseUrl);
});
afterAll(() => at.stop());
afterEach(() => jest.restoreAllMocks());

const orders = "v3/pay/transactions";
const orderOf = (session = aPaymentRequest(at.clock)) => ({
	appid: appId,
	mchid,
	description: session.description,
	out_trade_no: session.paymentNo,
	time_expire: session.expiresAt.toISOString(),
	notify_url: "http://shop.example/n",
	amount: { total: session.amount, currency: "CNY" }
});
type Body = Record<string, unknown>;
const post = (path: string, body: Body, by = sdk) => by.chain(path).post<Body>(body);
const get = (path: string, params?: object, by = sdk) =>
	by.chain(path).get<Body>({ ...(params && { params }) });
const query = (paymentNo: string, by = sdk) => get(`${orders}/out-trade-no/${paymentNo}`, { mchid }, by);

async function ordered(): Promise<string> {
	const order = orderOf();
	await post(`${orders}/native`, order);
	return order.out_trade_no;
}
async function paid(): Promise<string> {
	const paymentNo = await ordered();
	await at.emulator.pay(paymentNo, "success");
	return paymentNo;
}
const refund = (out_trade_no: string, out_refund_no: string, amount: number) =>
	post("v3/refund/domestic/refunds", {
		out_trade_no,
		out_refund_no,
		amount: { refund: amount, total: 12_345, currency: "CNY" }
	});
/** The SDK's error for an answer that is invalid or no success. */
const failure = (status: number, code: string) =>
	expect.objectContaining({
		response: expect.objectContaining({ status, data: expect.objectContaining({ code }) })
	});

describe("a WeChat Pay SDK at our emulator", () => {
	it("gets a code, and follows its payment from unpaid to paid", async () => {
		const order = orderOf();

		const created = await post(`${orders}/native`, order);
		const before = await query(order.out_trade_no);
		await at.emulator.pay(order.out_trade_no, "success");
		const after = await query(order.out_trade_no);

		expect(created.data).toEqual({ code_url: `${CASHIER}/${order.out_trade_no}` });
		expect(before.data).toMatchObject({ trade_state: "NOTPAY", out_trade_no: order.out_trade_no });
		expect(after.data).toMatchObject({ trade_state: "SUCCESS", amount: { total: 12_345 } });
	});

	it("gets the address of the cashier for a browser", async () => {
		const order = orderOf();

		const created = await post(`${orders}/h5`, {
			...order,
			scene_info: { payer_client_ip: "203.0.113.7", h5_info: { type: "Wap" } }
		});

		expect(created.data).toEqual({ h5_url: `${CASHIER}/${order.out_trade_no}` });
	});

	it("prepares a payment for a buyer's page, and for the merchant's app", async () => {
		const [order, other, anonymous] = [orderOf(), orderOf(), orderOf()];

		const forBuyer = await post(`${orders}/jsapi`, { ...order, payer: { openid: "buyer-1" } });
		const forApp = await post(`${orders}/app`, other);
		await at.emulator.pay(order.out_trade_no, "success");

		expect(forBuyer.data).toEqual({ prepay_id: expect.stringMatching(/^wx\d{34}$/) });
		expect(forApp.data).toEqual({
			prepay_id: expect.not.stringMatching(String(forBuyer.data["prepay_id"]))
		});
		expect((await query(order.out_trade_no)).data).toMatchObject({
			trade_type: "JSAPI",
			payer: { openid: "buyer-1" }
		});
		await expect(post(`${orders}/jsapi`, anonymous)).rejects.toEqual(failure(400, "PARAM_ERROR"));
	});

	it("closes an unpaid payment, and learns when there is none", async () => {
		const paymentNo = await ordered();

		const closed = await post(`${orders}/out-trade-no/${paymentNo}/close`, { mchid });

		expect(closed.status).toBe(204);
		expect((await query(paymentNo)).data).toMatchObject({ trade_state: "CLOSED" });
		await expect(query("NEVER_MADE")).rejects.toEqual(failure(404, "ORDER_NOT_EXIST"));
	});

	it("refunds in parts, and finds each again", async () => {
		const paymentNo = await paid();

		const part = await refund(paymentNo, "SDK_1", 345);
		const again = await refund(paymentNo, "SDK_1", 345);
		const found = await get("v3/refund/domestic/refunds/SDK_1");

		expect([part, again, found].map(({ data }) => data["status"])).toEqual([
			"PROCESSING",
			"SUCCESS",
			"SUCCESS"
		]);
		expect(found.data).toMatchObject({ out_refund_no: "SDK_1", amount: { refund: 345, total: 12_345 } });
		await expect(refund(paymentNo, "SDK_2", 12_001)).rejects.toEqual(failure(400, "INVALID_REQUEST"));
	});

	it("reads a day's bill: the file that was announced, with its rows and sums", async () => {
		at.clock.now = new Date();
		const today = formatPlatformTime(at.clock.now).slice(0, 10);
		const paymentNo = await paid();
		await refund(paymentNo, `${paymentNo}_1`, 345);

		const { data } = await get("v3/bill/tradebill", { bill_date: today, bill_type: "ALL" });
		const { searchParams } = new URL(String(data["download_url"]));
		const file = await sdk
			.chain("v3/billdownload/file")
			.get<Buffer>({ params: searchParams, responseType: "arraybuffer" });

		const { rows, summary } = Formatter.castCsvBill(file.data) as { rows: Body[]; summary: Body };
		expect(Object.keys(rows[0] ?? {})[0]).toBe("交易时间");
		expect(rows.slice(-2)).toMatchObject([
			{ 商户订单号: paymentNo, 交易状态: "SUCCESS", 订单金额: "123.45" },
			{ 商户退款单号: `${paymentNo}_1`, 交易状态: "REFUND", 申请退款金额: "3.45" }
		]);
		expect(summary).toMatchObject({ 总交易单数: String(rows.length) });
		expect(createHash("sha1").update(file.data).digest("hex")).toBe(data["hash_value"]);
	});

	it("rejects an answer that was altered on the way, or signed by somebody else", async () => {
		const paymentNo = await ordered();
		const genuine = at.emulator.handle.bind(at.emulator);
		jest.spyOn(at.emulator, "handle").mockImplementationOnce(async request => {
			const reply = await genuine(request);
			return { ...reply, body: String(reply.body).replace("NOTPAY", "SUCCESS") };
		});

		const unverified = expect.objectContaining({ code: "EV3_RES_HEADER_SIGNATURE_DIGEST" });
		await expect(query(paymentNo)).rejects.toEqual(unverified);
		await expect(query(paymentNo, createWechatSdk(at.baseUrl, IMPOSTOR.publicKey))).rejects.toEqual(
			unverified
		);
		expect((await query(paymentNo)).data).toMatchObject({ trade_state: "NOTPAY" });
	});
});
