import { AlipaySdk } from "alipay-sdk";
import { Wechatpay } from "wechatpay-axios-plugin";
import { SANDBOX_ALIPAY, SANDBOX_WECHAT } from "../../../infrastructure/sandbox-keys/keys";

/** The channels' public SDKs with the sandbox merchant's keys. They share no code with our clients and emulators. */
export const createAlipaySdk = (
	baseUrl: string,
	alipayPublicKey: string = SANDBOX_ALIPAY.platform.publicKey
) =>
	new AlipaySdk({
		appId: SANDBOX_ALIPAY.appId,
		privateKey: SANDBOX_ALIPAY.merchant.privateKey,
		keyType: "PKCS8",
		alipayPublicKey,
		gateway: `${baseUrl}/gateway.do`
	});

export const createWechatSdk = (
	baseURL: string,
	platformPublicKey: string = SANDBOX_WECHAT.platform.publicKey
) =>
	new Wechatpay({
		mchid: SANDBOX_WECHAT.merchantId,
		serial: SANDBOX_WECHAT.merchantSerial,
		privateKey: SANDBOX_WECHAT.merchant.privateKey,
		certs: { [SANDBOX_WECHAT.platformSerial]: platformPublicKey },
		baseURL
	});
