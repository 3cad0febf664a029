import { rawRequest, rawResponse } from "./http.contract";
import { action, contract } from "./kit/contract";
import * as r from "./kit/rules";
import { line, phoneNumber } from "./kit/text-rules";

/** `code` is null in a notice. */
const message = r.obj("SandboxMessage", {
	phone: r.personal(r.str()),
	text: r.personal(r.str()),
	code: r.secret(r.orNull(r.str())),
	at: r.time()
});
const paymentNo = r.str({ max: 64 });

/** Stages of a parcel's way, as the emulated tracking service takes it. */
export const EMULATED_STAGES = ["collected", "transit", "delivering", "delivered"] as const;

/** Emulators of what is outside the shop: phones and payment channels. Never in production. */
export const sandbox = contract("sandbox", {
	/** Stores a text message in the phone's inbox instead of sending it. */
	receiveSms: action({
		phone: r.personal(r.str()),
		text: r.personal(r.str()),
		code: r.secret(r.orNull(r.str()))
	}).returns(r.nothing),
	sms: action({ phone: phoneNumber() })
		.returns(r.list(message))
		.rest("GET /sandbox/sms", "public", "Messages sent to a phone, newest first"),
	pay: action({
		paymentNo,
		outcome: r.oneOf("success", "fail"),
		notify: r.oneOf("once", "twice", "never", "forged"),
		delayMs: r.opt(r.int({ min: 0, max: 600_000 }))
	})
		.returns(
			r.obj({
				paymentNo,
				outcome: r.oneOf("paid", "again", "failed", "not_found", "closed", "expired"),
				/** How the shop answered each notification sent so far. */
				notifications: r.list(r.obj({ status: r.int(), body: r.text() })),
				/** Where Alipay sends the buyer who has paid, with its signed parameters. */
				returnUrl: r.orNull(r.str())
			})
		)
		.rest(
			"POST /sandbox/payments/:paymentNo/pay",
			"public",
			"Let the emulated channel take the money and notify",
			{
				errors: ["NOT_FOUND"]
			}
		),
	cashier: action({ ...rawRequest, paymentNo })
		.returns(rawResponse)
		.rest("GET /sandbox/cashier/:paymentNo", "public", "The page a shopper would see", { raw: true }),
	cashierScript: action(rawRequest)
		.returns(rawResponse)
		.rest("GET /sandbox/cashier.js", "public", "What the cashier page's button does", { raw: true }),
	advanceShipment: action({
		trackingNo: line({ max: 50 }),
		status: r.opt(r.oneOf(...EMULATED_STAGES)),
		notify: r.opt(r.oneOf("once", "twice", "never", "forged"))
	})
		.returns(
			r.obj({
				trackingNo: r.str(),
				status: r.oneOf(...EMULATED_STAGES),
				/** How the shop answered each push. */
				notifications: r.list(r.obj({ status: r.int(), body: r.text() }))
			})
		)
		.rest(
			"POST /sandbox/shipments/:trackingNo/advance",
			"public",
			"Move a parcel on to its next stage, or to this one, and push it signed",
			{ errors: ["NOT_FOUND"] }
		),
	kuaidi100: action(rawRequest)
		.returns(rawResponse)
		.rest("POST /sandbox/kuaidi100/*rest", "public", "The emulated Kuaidi100", { raw: true }),
	alipayPage: action(rawRequest)
		.returns(rawResponse)
		.rest("GET /sandbox/alipay/gateway.do", "public", "The emulated Alipay, opened by a browser", {
			raw: true
		}),
	alipay: action(rawRequest)
		.returns(rawResponse)
		.rest("POST /sandbox/alipay/gateway.do", "public", "The emulated Alipay", { raw: true }),
	alipayBill: action(rawRequest)
		.returns(rawResponse)
		.rest(
			"GET /sandbox/alipay/downloadBillFile.resource",
			"public",
			"Where the emulated Alipay's bills are downloaded",
			{ raw: true }
		),
	wechatQuery: action(rawRequest)
		.returns(rawResponse)
		.rest("GET /sandbox/wechat/*rest", "public", "The emulated WeChat Pay", { raw: true }),
	wechat: action(rawRequest)
		.returns(rawResponse)
		.rest("POST /sandbox/wechat/*rest", "public", "The emulated WeChat Pay", { raw: true })
});
