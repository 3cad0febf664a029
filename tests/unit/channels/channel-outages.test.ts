import { createPrivateKey } from "node:crypto";
import type { RequestListener } from "node:http";
import { IMPOSTOR, SANDBOX_ALIPAY, SANDBOX_WECHAT } from "../../../infrastructure/sandbox-keys/keys";
import type { PaymentChannel } from "../../../services/payments/channels/payment-channel";
import { signAnswer } from "../../../services/sandbox/emulators/alipay/gateway";
import { signHeaders } from "../../../services/sandbox/emulators/wechat/platform";
import {
	createAlipayClient,
	aPaymentRequest,
	CREATE_CLIENT,
	Clock,
	startServer,
	createWechatClient
} from "../../support/payments/emulated-channels";

const clock = new Clock();
const refundRequest = { paymentNo: "PAY_000001", refundNo: "R_1", amount: 1, total: 1, reason: "x" };

/** Every call that sends a request to the channel. */
const CALLS: Record<string, (channel: PaymentChannel) => Promise<{ outcome: string }>> = {
	create: channel => channel.create(aPaymentRequest(clock)),
	query: channel => channel.query("PAY_000001"),
	close: channel => channel.close("PAY_000001"),
	refund: channel => channel.refund(refundRequest),
	queryRefund: channel => channel.queryRefund(refundRequest),
	bill: channel => channel.bill("2026-01-31")
};

async function startChannel(name: keyof typeof CREATE_CLIENT, listener: RequestListener, timeoutMs = 20_000) {
	const { baseUrl, stop } = await startServer(listener);
	try {
		const channel = CREATE_CLIENT[name](baseUrl, clock, { timeoutMs });
		return await Promise.all(Object.values(CALLS).map(call => call(channel)));
	} finally {
		await stop();
	}
}

const OUTAGES: [string, string, RequestListener][] = [
	["status 500", "http", (_, response) => response.writeHead(500).end('{"code":"SYSTEM_ERROR"}')],
	["status 502 in HTML", "http", (_, response) => response.writeHead(502).end("<html>Bad gateway</html>")],
	["a reset connection", "network", request => request.socket.destroy()],
	[
		"a redirect, which is not followed",
		"network",
		(request, response) =>
			request.url === "/elsewhere"
				? response.writeHead(200).end("{}")
				: response.writeHead(302, { location: "/elsewhere" }).end()
	],
	[
		"a truncated answer",
		"network",
		(request, response) => {
			response.writeHead(200, { "content-length": "1000" });
			response.write('{"alipay', () => request.socket.destroy());
		}
	],
	[
		"an answer without end",
		"malformed",
		(_, response) => response.writeHead(200).end(Buffer.alloc(300_000, "x"))
	]
];

describe.each(["alipay", "wechat"] as const)("%s", name => {
	it.each(OUTAGES)("concludes nothing from %s", async (_, cause, listener) => {
		const answers = await startChannel(name, listener);

		expect(answers).toHaveLength(6);
		for (const answer of answers) expect(answer).toMatchObject({ outcome: "unknown", cause });
	});

	it("answers unknown in time when the server hangs", async () => {
		const begun = performance.now();

		const answers = await startChannel(name, () => undefined, 150);

		for (const answer of answers) expect(answer).toMatchObject({ outcome: "unknown", cause: "timeout" });
		expect(performance.now() - begun).toBeLessThan(30_000);
	});

	it("answers unknown when the answer never ends", async () => {
		const answers = await startChannel(
			name,
			(request, response) => {
				const drip = setInterval(() => response.write(" "), 20);
				request.on("close", () => clearInterval(drip));
			},
			150
		);

		for (const answer of answers) expect(answer).toMatchObject({ outcome: "unknown", cause: "timeout" });
	});

	it("answers unknown when the connection is refused", async () => {
		const { baseUrl, stop } = await startServer(() => undefined);
		await stop();

		const answer = await CREATE_CLIENT[name](baseUrl, clock).query("PAY_000001");

		expect(answer).toMatchObject({ outcome: "unknown", cause: "network" });
	});
});

describe("Alipay's answers", () => {
	const content = {
		code: "10000",
		out_trade_no: "PAY_000001",
		trade_no: "1",
		trade_status: "TRADE_SUCCESS",
		total_amount: "0.10",
		send_pay_date: "2026-01-31 16:00:00"
	};
	const key = createPrivateKey(SANDBOX_ALIPAY.platform.privateKey);
	const node = "alipay_trade_query_response";

	async function queried(body: string) {
		const { baseUrl, stop } = await startServer((_, response) => response.end(body));
		const answer = await createAlipayClient(baseUrl, clock).query("PAY_000001");
		await stop();
		return answer;
	}

	it("are believed with a good signature", async () => {
		expect(await queried(signAnswer(node, content, key))).toMatchObject({
			outcome: "paid",
			amount: 10
		});
	});

	it.each([
		["unsigned", "unsigned", JSON.stringify({ [node]: content })],
		["signed by another", "unsigned", signAnswer(node, content, createPrivateKey(IMPOSTOR.privateKey))],
		["altered", "unsigned", signAnswer(node, content, key).replace("0.10", "9.10")],
		["doubled, the forged one last", "unsigned", doubled()],
		["in HTML", "malformed", "<html></html>"],
		["cut off", "malformed", signAnswer(node, content, key).slice(0, 60)],
		[
			"about another payment",
			"malformed",
			signAnswer(node, { ...content, out_trade_no: "PAY_000002" }, key)
		],
		["of an unknown status", "malformed", signAnswer(node, { ...content, trade_status: "?" }, key)],
		["with an invalid amount", "malformed", signAnswer(node, { ...content, total_amount: "0.1" }, key)],
		["that Alipay is busy", "busy", signAnswer(node, { code: "20000", msg: "Service Unavailable" }, key)],
		[
			"that Alipay is in doubt",
			"busy",
			signAnswer(node, { code: "40004", sub_code: "ACQ.SYSTEM_ERROR" }, key)
		]
	])("are unknown when %s", async (_, cause, body) => {
		expect(await queried(body)).toMatchObject({ outcome: "unknown", cause });
	});

	it("that are refusals are believed only when signed", async () => {
		const no = { code: "40004", sub_code: "ACQ.TRADE_NOT_EXIST" };

		expect(await queried(signAnswer(node, no, key))).toEqual({ outcome: "not_found" });
		expect(await queried(JSON.stringify({ [node]: no }))).toMatchObject({ outcome: "unknown" });
	});

	it("to a refund that moved no money and is not known say processing, not refunded", async () => {
		const { baseUrl, stop } = await startServer((request, response) => {
			const method = new URLSearchParams(request.url?.split("?")[1]).get("method") ?? "";
			const moved = method === "alipay.trade.refund" ? { fund_change: "N" } : {};
			response.end(
				signAnswer(`${method.replaceAll(".", "_")}_response`, { code: "10000", ...moved }, key)
			);
		});

		const answer = await createAlipayClient(baseUrl, clock).refund(refundRequest);
		await stop();

		expect(answer).toEqual({ outcome: "processing" });
	});

	it("of a fully refunded trade mean paid, of an expired one closed", async () => {
		const closed = { ...content, trade_status: "TRADE_CLOSED" };
		const { send_pay_date: _, ...ranOut } = closed;

		expect(await queried(signAnswer(node, closed, key))).toMatchObject({ outcome: "paid" });
		expect(await queried(signAnswer(node, ranOut, key))).toEqual({ outcome: "closed" });
	});

	/** The signature covers the first node, but a lenient JSON parser would read the second. */
	function doubled(): string {
		const unpaid = signAnswer(node, { ...content, trade_status: "WAIT_BUYER_PAY" }, key);
		return unpaid
			.replace('"sign"', `"${node}":${JSON.stringify(content)},"sign"`)
			.replace(/^\{"[^"]+":/, '{"x":');
	}
});

describe("WeChat Pay's answers", () => {
	const { platformSerial: serial, appId, merchantId } = SANDBOX_WECHAT;
	const key = createPrivateKey(SANDBOX_WECHAT.platform.privateKey);
	const content = {
		appid: appId,
		mchid: merchantId,
		out_trade_no: "PAY_000001",
		transaction_id: "1",
		trade_state: "SUCCESS",
		success_time: "2026-01-31T16:00:00+08:00",
		amount: { total: 10, currency: "CNY" }
	};
	const signed = (body: string, by = key, now = clock.now) => signHeaders(body, { serial, key: by, now });

	async function queried(body: string, headers: Record<string, string> = signed(body), status = 200) {
		const { baseUrl, stop } = await startServer((_, response) =>
			response.writeHead(status, headers).end(body)
		);
		const answer = await createWechatClient(baseUrl, clock).query("PAY_000001");
		await stop();
		return answer;
	}

	it("are believed with a good signature", async () => {
		expect(await queried(JSON.stringify(content))).toMatchObject({ outcome: "paid", amount: 10 });
	});

	it.each([
		["unsigned", "unsigned", {}],
		[
			"signed by another",
			"unsigned",
			signed(JSON.stringify(content), createPrivateKey(IMPOSTOR.privateKey))
		],
		[
			"signed long ago",
			"unsigned",
			signed(JSON.stringify(content), key, new Date(clock.now.getTime() - 301_000))
		],
		["signed for another body", "unsigned", signed("{}")]
	])("are unknown when %s", async (_, cause, headers) => {
		expect(await queried(JSON.stringify(content), headers)).toMatchObject({ outcome: "unknown", cause });
	});

	it.each([
		["in HTML", "<html></html>"],
		["about another payment", JSON.stringify({ ...content, out_trade_no: "PAY_000002" })],
		["about another merchant's payment", JSON.stringify({ ...content, mchid: "1" })],
		["of an unknown state", JSON.stringify({ ...content, trade_state: "?" })],
		["with a fraction of a fen", JSON.stringify({ ...content, amount: { total: 0.1, currency: "CNY" } })]
	])("are unknown when %s, even signed", async (_, body) => {
		expect(await queried(body)).toMatchObject({ outcome: "unknown", cause: "malformed" });
	});

	it.each([202, 429])("are unknown with status %d", async status => {
		const body = '{"code":"FREQUENCY_LIMITED"}';

		expect(await queried(body, signed(body), status)).toMatchObject({
			outcome: "unknown",
			cause: "busy"
		});
	});

	it("that are refusals are believed only when signed", async () => {
		const body = '{"code":"ORDER_NOT_EXIST","message":"x"}';

		expect(await queried(body, signed(body), 404)).toEqual({ outcome: "not_found" });
		expect(await queried(body, {}, 404)).toMatchObject({ outcome: "unknown", cause: "unsigned" });
	});

	it("to a client whose clock is ten minutes off are unknown, and say why", async () => {
		const body = '{"code":"SIGN_ERROR","message":"x"}';

		expect(await queried(body, {}, 401)).toMatchObject({
			outcome: "unknown",
			detail: expect.stringContaining("SIGN_ERROR")
		});
	});
});
