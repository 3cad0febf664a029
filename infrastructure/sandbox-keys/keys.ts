import { generateKeyPairSync } from "node:crypto";
import * as pem from "./pem";

/** An RSA key pair in PEM (PKCS#8 and SPKI). */
export interface KeyPair {
	privateKey: string;
	publicKey: string;
}

export const generateKeyPair = (): KeyPair =>
	generateKeyPairSync("rsa", {
		modulusLength: 2048,
		publicKeyEncoding: { type: "spki", format: "pem" },
		privateKeyEncoding: { type: "pkcs8", format: "pem" }
	});

/** Who the shop is at the emulated Alipay, and both sides' keys. The same in every process, so that all can talk to each other. */
export const SANDBOX_ALIPAY = {
	appId: "9021000000000001",
	sellerId: "2088000000000002",
	merchant: pem.ALIPAY_MERCHANT,
	platform: pem.ALIPAY_PLATFORM
} as const;

export const SANDBOX_WECHAT = {
	appId: "wx0000000000sandbox",
	merchantId: "1900000001",
	merchantSerial: "5A4D4A4C4C53414E44424F5800000000000000A1",
	merchant: pem.WECHAT_MERCHANT,
	platformSerial: "PUB_KEY_ID_0119000000012026010100000000000001",
	platform: pem.WECHAT_PLATFORM,
	apiV3Key: "zjmall-sandbox-worthless-key-032"
} as const;

/** Signs forgeries: nobody trusts it. */
export const IMPOSTOR = pem.IMPOSTOR;
