import type { KeyObject } from "node:crypto";
import { signRsa } from "../../protocol/rsa";

/**
 * Parameters with which a client asks WeChat for the payment of a prepared order, signed by the merchant (SHA256 with RSA).
 * Source: WeChat Pay APIv3's public documents on invoking a payment by JSAPI, mini program and app.
 */
interface Prepared {
	appId: string;
	prepayId: string;
	at: Date;
	/** Unique for each set of parameters. */
	nonce: string;
}

const toSeconds = (at: Date) => String(Math.floor(at.getTime() / 1000));
const sign = (lines: readonly string[], key: KeyObject) => signRsa(`${lines.join("\n")}\n`, key);

/** For `WeixinJSBridge.invoke("getBrandWCPayRequest")` and `wx.requestPayment`. */
export function buildJsapiParams(
	{ appId, prepayId, at, nonce }: Prepared,
	key: KeyObject
): Record<string, string> {
	const timeStamp = toSeconds(at);
	const orderPackage = `prepay_id=${prepayId}`;
	return {
		appId,
		timeStamp,
		nonceStr: nonce,
		package: orderPackage,
		signType: "RSA",
		paySign: sign([appId, timeStamp, nonce, orderPackage], key)
	};
}

/** For the SDK in the merchant's app. */
export function buildAppParams(
	{ appId, merchantId, prepayId, at, nonce }: Prepared & { merchantId: string },
	key: KeyObject
): Record<string, string> {
	const timestamp = toSeconds(at);
	return {
		appid: appId,
		partnerid: merchantId,
		prepayid: prepayId,
		package: "Sign=WXPay",
		noncestr: nonce,
		timestamp,
		sign: sign([appId, timestamp, nonce, prepayId], key)
	};
}
