import { createAlipaySdk } from "../../support/payments/sdks";
import { generateKeyPair } from "../../support/payments/key-pair";
import type {
	ChannelNotification,
	PaymentChannel
} from "../../../services/payments/channels/payment-channel";
import type { NotificationRequest } from "../../../services/sandbox/emulators/channel-emulator";
import {
	aPaymentRequest,
	CASHIER,
	CREATE_CLIENT,
	Clock,
	START_CHANNEL,
	RETURN_URL,
	type EmulatedChannel
} from "../../support/payments/emulated-channels";

const parse = (channel: PaymentChannel, { body, headers }: NotificationRequest): ChannelNotification =>
	channel.parseNotification(Buffer.from(body), headers);

describe.each(["alipay", "wechat"] as const)("%s", name => {
	let at: EmulatedChannel;
	beforeAll(async () => {
		at = await START_CHANNEL[name]();
	});
	afterAll(() => at.stop());

	/** Creates a payment, scans and pays it; returns its notification. */
	async function paid(changes: Parameters<typeof aPaymentRequest>[1] = {}) {
		const request = aPaymentRequest(at.clock, changes);
		await at.channel.create(request);
		const result = await at.emulator.pay(request.paymentNo, "success");
		if (!("notification" in result)) throw new Error(`Not paid: ${result.outcome}`);
		return { request, notification: result.notification };
	}
	const refundOf = (paymentNo: string, refundNo: string, amount = 1000) => ({
		paymentNo,
		refundNo,
		amount,
		total: 12_345,
		reason: "不想要了"
	});

	it("answers a QR request with a code that leads to the cashier", async () => {
		const request = aPaymentRequest(at.clock);

		const created = await at.channel.create(request);

		expect(created).toEqual({
			outcome: "created",
			action: { type: "qr", url: `${CASHIER}/${request.paymentNo}` }
		});
	});

	it("answers the same code to the same request, and refuses another amount under its number", async () => {
		const request = aPaymentRequest(at.clock);
		const first = await at.channel.create(request);

		const again = await at.channel.create(request);
		const other = await at.channel.create({ ...request, amount: request.amount + 1 });

		expect(again).toEqual(first);
		expect(other).toMatchObject({ outcome: "refused" });
	});

	it("reports a payment alike by a verified notification and by query", async () => {
		const { request, notification } = await paid();

		const parsed = parse(at.channel, notification);
		const asked = await at.channel.query(request.paymentNo);

		expect(parsed).toMatchObject({
			kind: "payment",
			outcome: "paid",
			paymentNo: request.paymentNo,
			amount: 12_345,
			currency: "CNY",
			paidAt: at.clock.now
		});
		const { amount, currency, channelTxnId } = parsed;
		expect(asked).toEqual({ outcome: "paid", amount, currency, channelTxnId, paidAt: at.clock.now });
	});

	it.each([1, 10, 29, 100, 115, 1_999_999_999])(
		"transfers %d fen unchanged in both directions",
		async amount => {
			const { request, notification } = await paid({ amount });

			expect(parse(at.channel, notification).amount).toBe(amount);
			expect(await at.channel.query(request.paymentNo)).toMatchObject({ outcome: "paid", amount });
		}
	);

	it("repeats a notification under the same event id, and takes the money once", async () => {
		const { request, notification } = await paid();
		at.clock.advance(60);

		const again = await at.emulator.pay(request.paymentNo, "success");
		const anew = await at.emulator.paymentNotification(request.paymentNo);

		const eventId = parse(at.channel, notification).eventId;
		expect(again.outcome).toBe("again");
		expect(anew && parse(at.channel, anew)).toMatchObject({ eventId, outcome: "paid" });
	});

	it("answers unpaid until the buyer succeeds, and paid after a success", async () => {
		const { paymentNo } = await created();
		await at.emulator.openCashier(paymentNo);

		const hesitating = await at.channel.query(paymentNo);
		const failure = await at.emulator.pay(paymentNo, "fail");
		const failed = await at.channel.query(paymentNo);
		await at.emulator.pay(paymentNo, "success");

		expect(hesitating).toEqual({ outcome: "unpaid" });
		expect(failure).toEqual({ outcome: "failed" });
		expect(failed).toEqual({ outcome: "unpaid" });
		expect(await at.channel.query(paymentNo)).toMatchObject({ outcome: "paid" });
	});

	it.each(["缺".repeat(200), "🛒".repeat(200), `x${"🛒".repeat(199)}`])(
		"accepts a refund whose reason is longer than the channel allows: %s",
		async reason => {
			const { request } = await paid();

			const answer = await at.channel.refund({ ...refundOf(request.paymentNo, "R_LONG"), reason });

			expect(answer.outcome).toBe(name === "alipay" ? "refunded" : "processing");
		}
	);

	it("does not know a payment that was never made", async () => {
		expect(await at.channel.query("NEVER_MADE")).toEqual({ outcome: "not_found" });
		expect(await at.channel.close("NEVER_MADE")).toEqual({ outcome: "not_found" });
		expect(await at.emulator.pay("NEVER_MADE", "success")).toEqual({ outcome: "not_found" });
		expect(await at.channel.queryRefund({ paymentNo: "NEVER_MADE", refundNo: "R1" })).toEqual({
			outcome: "not_found"
		});
	});

	it("closes an unpaid payment for good, repeatedly", async () => {
		const request = await created();
		await at.emulator.openCashier(request.paymentNo);

		const closed = await at.channel.close(request.paymentNo);
		const again = await at.channel.close(request.paymentNo);

		expect([closed, again]).toEqual([{ outcome: "closed" }, { outcome: "closed" }]);
		expect(await at.channel.query(request.paymentNo)).toEqual({ outcome: "closed" });
		expect(await at.emulator.pay(request.paymentNo, "success")).toEqual({ outcome: "closed" });
		expect(await at.channel.create(request)).toMatchObject({ outcome: "refused" });
	});

	it("answers a close after the payment with the payment", async () => {
		const { request } = await paid();

		expect(await at.channel.close(request.paymentNo)).toMatchObject({ outcome: "paid", amount: 12_345 });
	});

	it("takes no money after the deadline", async () => {
		const request = await created();
		at.clock.advance(30 * 60 + 1);

		expect(await at.emulator.pay(request.paymentNo, "success")).toEqual({ outcome: "expired" });
	});

	it("refunds in parts, and notifies of each part", async () => {
		const { request } = await paid();
		const { paymentNo } = request;
		at.notifications.length = 0;

		const answers = [
			await at.channel.refund(refundOf(paymentNo, "PART_1", 2345)),
			await at.channel.refund(refundOf(paymentNo, "PART_2", 10_000))
		];

		const expected = name === "alipay" ? ["refunded", "refunded"] : ["processing", "processing"];
		expect(answers.map(({ outcome }) => outcome)).toEqual(expected);
		expect(at.notifications.map(notification => parse(at.channel, notification))).toMatchObject([
			{ kind: "refund", outcome: "refunded", paymentNo, refundNo: "PART_1", amount: 12_345 },
			{ kind: "refund", outcome: "refunded", paymentNo, refundNo: "PART_2", amount: 12_345 }
		]);
		expect(await at.channel.queryRefund({ paymentNo, refundNo: "PART_2" })).toEqual({
			outcome: "refunded",
			amount: 10_000
		});
		expect(await at.channel.query(paymentNo)).toMatchObject({ outcome: "paid", amount: 12_345 });
	});

	it("moves the money of one refund number once", async () => {
		const { request } = await paid();
		const order = refundOf(request.paymentNo, `ONCE_${request.paymentNo}`);
		await at.channel.refund(order);
		at.notifications.length = 0;

		const again = await at.channel.refund(order);
		const other = await at.channel.refund({ ...order, amount: 999 });

		expect(again).toEqual({ outcome: "refunded", amount: 1000 });
		expect(other).toMatchObject({ outcome: "refused" });
		expect(at.notifications).toEqual([]);
	});

	it("never refunds more than was paid, nor an unpaid payment", async () => {
		const { request } = await paid();
		const unpaid = await created();
		await at.emulator.openCashier(unpaid.paymentNo);
		await at.channel.refund(refundOf(request.paymentNo, `ALL_BUT_1_${request.paymentNo}`, 12_344));

		const exceeding = await at.channel.refund(refundOf(request.paymentNo, `TWO_${request.paymentNo}`, 2));
		const nothing = await at.channel.refund(refundOf(unpaid.paymentNo, `NONE_${request.paymentNo}`));

		expect(exceeding).toMatchObject({ outcome: "refused" });
		expect(nothing).toMatchObject({ outcome: "refused" });
		expect(await at.channel.queryRefund({ paymentNo: request.paymentNo, refundNo: "NO_SUCH" })).toEqual({
			outcome: "not_found"
		});
	});

	it("is refused or not understood with another merchant's key, never taken for a success", async () => {
		const stranger = CREATE_CLIENT[name](at.baseUrl, at.clock, {
			privateKey: generateKeyPair().privateKey
		});

		const answer = await stranger.create(aPaymentRequest(at.clock));

		expect(["refused", "unknown"]).toContain(answer.outcome);
	});

	it("is refused with a clock twenty minutes off, and says why", async () => {
		const slow = new Clock();
		slow.advance(-20 * 60);
		const late = CREATE_CLIENT[name](at.baseUrl, slow);

		const answer = await late.create(aPaymentRequest(at.clock));

		const reason = name === "alipay" ? { code: "isv.invalid-timestamp" } : { cause: "unsigned" };
		expect(answer).toMatchObject(reason);
	});

	it("throws on a caller's mistakes before anything is sent", async () => {
		await expect(at.channel.create(aPaymentRequest(at.clock, { amount: 0.5 }))).rejects.toThrow(
			RangeError
		);
		await expect(at.channel.create(aPaymentRequest(at.clock, { paymentNo: "../../x" }))).rejects.toThrow(
			TypeError
		);
		await expect(
			at.channel.create(aPaymentRequest(at.clock, { description: "x&total_amount=1" }))
		).rejects.toThrow(TypeError);
		await expect(at.channel.query("a/../b")).rejects.toThrow(TypeError);
		await expect(at.channel.refund(refundOf("PAY_1234", "R", 12_346))).rejects.toThrow(RangeError);
	});

	async function created() {
		const request = aPaymentRequest(at.clock);
		await at.channel.create(request);
		return request;
	}
});

describe("redirects", () => {
	it.each(["page", "wap"] as const)(
		"to Alipay (%s) register the trade when opened, and lead to the cashier",
		async scene => {
			const at = await START_CHANNEL.alipay();
			const request = aPaymentRequest(at.clock, { scene });
			const created = await at.channel.create(request);
			const url = created.outcome === "created" ? (created.action.url ?? "") : "";

			const before = await at.emulator.pay(request.paymentNo, "success");
			const response = await fetch(url, { redirect: "manual" });
			const after = await at.emulator.pay(request.paymentNo, "success");
			await at.stop();

			expect(url.startsWith(`${at.baseUrl}/gateway.do?`)).toBe(true);
			expect(before).toEqual({ outcome: "not_found" });
			expect(response.status).toBe(302);
			expect(response.headers.get("location")).toBe(`${CASHIER}/${request.paymentNo}`);
			expect(after.outcome).toBe("paid");
		}
	);

	it("to Alipay may be paid without a browser when the action URL is handed over", async () => {
		const at = await START_CHANNEL.alipay();
		const request = aPaymentRequest(at.clock, { scene: "page" });
		const created = await at.channel.create(request);
		const url = created.outcome === "created" ? (created.action.url ?? "") : "";
		at.clock.advance(20 * 60); // long after the URL was created

		const result = await at.emulator.pay(request.paymentNo, "success", { url });
		const query = await at.channel.query(request.paymentNo);
		await at.stop();

		expect(result.outcome).toBe("paid");
		expect(query).toMatchObject({ outcome: "paid", amount: request.amount });
	});

	it("to Alipay show an error and register nothing when altered", async () => {
		const at = await START_CHANNEL.alipay();
		const request = aPaymentRequest(at.clock, { scene: "page" });
		const created = await at.channel.create(request);
		const url =
			created.outcome === "created" ? (created.action.url?.replace("123.45", "000.01") ?? "") : "";

		const response = await fetch(url, { redirect: "manual" });
		const result = await at.emulator.pay(request.paymentNo, "success", { url });
		await at.stop();

		expect(response.status).toBe(400);
		expect(result).toEqual({ outcome: "not_found" });
	});

	it("to Alipay bring the buyer back to the page of the request, with a signed result", async () => {
		const at = await START_CHANNEL.alipay();
		const returnUrl = "http://shop.example/orders?id=7";
		const request = aPaymentRequest(at.clock, { scene: "page", returnUrl });
		const created = await at.channel.create(request);
		await at.emulator.pay(
			request.paymentNo,
			"success",
			created.outcome === "created" ? created.action : null
		);

		const address = new URL((await at.emulator.buildReturnUrl(request.paymentNo)) ?? "");
		const sdk = createAlipaySdk(at.baseUrl);
		await at.stop();

		const params = Object.fromEntries(address.searchParams);
		expect(address.href.startsWith(returnUrl)).toBe(true);
		expect(params).toMatchObject({ id: "7", out_trade_no: request.paymentNo, total_amount: "123.45" });
		expect(sdk.checkNotifySignV2(params)).toBe(true);
	});

	it("to WeChat Pay (wap) bring the buyer back to the shop", async () => {
		const at = await START_CHANNEL.wechat();
		const request = aPaymentRequest(at.clock, { scene: "wap" });

		const created = await at.channel.create(request);
		await at.stop();

		expect(created).toMatchObject({ outcome: "created", action: { type: "redirect" } });
		const url = new URL(created.outcome === "created" ? (created.action.url ?? "") : "");
		expect(`${url.origin}${url.pathname}`).toBe(`${CASHIER}/${request.paymentNo}`);
		expect(url.searchParams.get("redirect_url")).toBe(RETURN_URL);
	});
});

describe("payments by the channel's SDK", () => {
	it.each([
		["alipay", "app", ["orderString"]],
		["alipay", "jsapi", ["tradeNO"]],
		["alipay", "mini", ["tradeNO"]],
		["wechat", "jsapi", ["appId", "nonceStr", "package", "paySign", "signType", "timeStamp"]],
		["wechat", "mini", ["appId", "nonceStr", "package", "paySign", "signType", "timeStamp"]],
		["wechat", "app", ["appid", "noncestr", "package", "partnerid", "prepayid", "sign", "timestamp"]]
	] as const)(
		"of %s (%s) are paid with the parameters that were made for them alone",
		async (name, scene, params) => {
			const at = await START_CHANNEL[name]();
			const [request, other] = [1, 2].map(() =>
				aPaymentRequest(at.clock, { scene, openid: "buyer-1" })
			);
			if (!request || !other) throw new Error("No requests");
			const [created, ofOther] = [await at.channel.create(request), await at.channel.create(other)];
			const [action, otherAction] = [created, ofOther].map(made =>
				made.outcome === "created" ? made.action : null
			);

			const confused =
				name === "wechat" && (await at.emulator.pay(request.paymentNo, "success", otherAction));
			const paid = await at.emulator.pay(request.paymentNo, "success", action);
			const queried = await at.channel.query(request.paymentNo);
			await at.stop();

			expect(action?.type).toBe("sdk");
			expect(Object.keys(action?.params ?? {}).toSorted()).toEqual(params);
			if (name === "wechat") expect(confused).toEqual({ outcome: "failed" });
			expect(paid.outcome).toBe("paid");
			expect(queried).toMatchObject({ outcome: "paid", amount: request.amount });
		}
	);

	it("inside the channel's app need the shopper's openid before anything is sent", async () => {
		for (const start of Object.values(START_CHANNEL)) {
			const at = await start();
			await expect(at.channel.create(aPaymentRequest(at.clock, { scene: "mini" }))).rejects.toThrow(
				"openid"
			);
			await at.stop();
		}
	});
});

describe("an Alipay code that nobody has scanned", () => {
	it("does not exist for query and close, and can be paid all the same", async () => {
		const at = await START_CHANNEL.alipay();
		const request = aPaymentRequest(at.clock);
		await at.channel.create(request);

		const queried = await at.channel.query(request.paymentNo);
		const closed = await at.channel.close(request.paymentNo);
		const paid = await at.emulator.pay(request.paymentNo, "success");
		await at.stop();

		expect(queried).toEqual({ outcome: "not_found" });
		expect(closed).toEqual({ outcome: "not_found" });
		expect(paid.outcome).toBe("paid");
	});
});
