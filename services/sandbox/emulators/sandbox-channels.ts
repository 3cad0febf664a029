import { createPrivateKey, createPublicKey } from "node:crypto";
import { AlipayEmulator } from "./alipay.emulator";
import { IMPOSTOR, SANDBOX_ALIPAY, SANDBOX_WECHAT } from "./keys";
import type { TradeBook } from "./trade-book";
import { WechatEmulator } from "./wechat.emulator";

interface Surroundings {
	book: TradeBook;
	clock: () => Date;
	/** Buyers are sent to `<cashierBase>/<paymentNo>`. */
	cashierBase: string;
}

/** The emulated channels with the sandbox's own identities and keys. */
export const sandboxAlipay = (surroundings: Surroundings): AlipayEmulator =>
	new AlipayEmulator({
		...surroundings,
		appId: SANDBOX_ALIPAY.appId,
		sellerId: SANDBOX_ALIPAY.sellerId,
		merchantPublicKey: createPublicKey(SANDBOX_ALIPAY.merchant.publicKey),
		alipayPrivateKey: createPrivateKey(SANDBOX_ALIPAY.platform.privateKey),
		impostorPrivateKey: createPrivateKey(IMPOSTOR.privateKey)
	});

export const sandboxWechat = (surroundings: Surroundings): WechatEmulator =>
	new WechatEmulator({
		...surroundings,
		appId: SANDBOX_WECHAT.appId,
		merchantId: SANDBOX_WECHAT.merchantId,
		merchantSerial: SANDBOX_WECHAT.merchantSerial,
		merchantPublicKey: createPublicKey(SANDBOX_WECHAT.merchant.publicKey),
		platformSerial: SANDBOX_WECHAT.platformSerial,
		platformPrivateKey: createPrivateKey(SANDBOX_WECHAT.platform.privateKey),
		apiV3Key: SANDBOX_WECHAT.apiV3Key,
		impostorPrivateKey: createPrivateKey(IMPOSTOR.privateKey)
	});
