import { generateKeyPairSync } from "node:crypto";

/** An RSA key pair in PEM (PKCS#8 and SPKI). */
export type KeyPair = { privateKey: string; publicKey: string };

export const generateKeyPair = (): KeyPair =>
	generateKeyPairSync("rsa", {
		modulusLength: 2048,
		publicKeyEncoding: { type: "spki", format: "pem" },
		privateKeyEncoding: { type: "pkcs8", format: "pem" }
	});
