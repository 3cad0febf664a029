import { AlipaySdk } from "alipay-sdk";
import { Wechatpay } from "wechatpay-axios-plugin";
import { SANDBOX_ALIPAY, SANDBOX_WECHAT } from "../../../infrastructure/sandbox-keys/keys";

/** The channels' SDKs in the hands of the sandbox's merchant: they share no line with our clients and emulators. */
export const alipaySdkAt = (baseUrl: string, alipayPublicKey: string = SANDBOX_ALIPAY.platform.publicKey) =>
	new AlipaySdk({
		appId: SANDBOX_ALIPAY.appId,
		privateKey: SANDBOX_ALIPAY.merchant.privateKey,
		keyType: "PKCS8",
		alipayPublicKey,
		gateway: `${baseUrl}/gateway.do`
	});

export const wechatSdkAt = (baseURL: string, platformPublicKey: string = SANDBOX_WECHAT.platform.publicKey) =>
	new Wechatpay({
		mchid: SANDBOX_WECHAT.merchantId,
		serial: SANDBOX_WECHAT.merchantSerial,
		privateKey: SANDBOX_WECHAT.merchant.privateKey,
		certs: { [SANDBOX_WECHAT.platformSerial]: platformPublicKey },
		baseURL
	});
