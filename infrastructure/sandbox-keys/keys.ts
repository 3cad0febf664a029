import * as pem from "./pem";

/** The shop's account at the emulated Alipay, with the keys of both sides: the same in every process, so that they agree. */
export const SANDBOX_ALIPAY = {
	appId: "9021000000000001",
	sellerId: "2088000000000002",
	merchant: pem.ALIPAY_MERCHANT,
	platform: pem.ALIPAY_PLATFORM
} as const;

/** The shop's account at the emulated WeChat Pay, with the keys of both sides. */
export const SANDBOX_WECHAT = {
	appId: "wx0000000000sandbox",
	merchantId: "1900000001",
	merchantSerial: "5A4D4A4C4C53414E44424F5800000000000000A1",
	merchant: pem.WECHAT_MERCHANT,
	platformSerial: "PUB_KEY_ID_0119000000012026010100000000000001",
	platform: pem.WECHAT_PLATFORM,
	apiV3Key: "zjmall-sandbox-worthless-key-032"
} as const;

/** The shop's account at the emulated Kuaidi100: `key` signs the shop's queries, `salt` the pushes. */
export const SANDBOX_KUAIDI100 = {
	customer: "ZJMALLSANDBOX00000000000000000001",
	key: "zjmallSandboxKey",
	salt: "zjmallSandboxWorthlessSalt000001"
} as const;

/** A key pair that neither side trusts: it signs forged notifications in tests and in the sandbox. */
export const IMPOSTOR = pem.IMPOSTOR;
