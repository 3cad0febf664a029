import { constants, createHash, generateKeyPairSync, sign } from "node:crypto";
import { parsePrivateKey, parsePublicKey, signRsa, verifyRsa } from "./rsa";

const pair = (modulusLength: number) =>
	generateKeyPairSync("rsa", {
		modulusLength,
		publicKeyEncoding: { type: "spki", format: "pem" },
		privateKeyEncoding: { type: "pkcs8", format: "pem" }
	});
const bare = (pem: string) => pem.replace(/-----[^-]+-----|\s/g, "");

const ours = pair(2048);
const others = pair(2048);

describe("rsa", () => {
	it("verifies what it signed, text and bytes alike", () => {
		const signature = signRsa("金额=1.00", parsePrivateKey(ours.privateKey));

		const verdict = verifyRsa(Buffer.from("金额=1.00"), signature, parsePublicKey(ours.publicKey));

		expect(verdict).toBe(true);
	});

	it("takes keys as Alipay's console gives them: base64 without a frame", () => {
		const signature = signRsa("x", parsePrivateKey(bare(ours.privateKey)));

		expect(verifyRsa("x", signature, parsePublicKey(bare(ours.publicKey)))).toBe(true);
	});

	it("refuses another text, another key and a signature by SHA-1", () => {
		const key = parsePrivateKey(ours.privateKey);
		const publicKey = parsePublicKey(ours.publicKey);
		const sha1 = sign("sha1", Buffer.from("x"), { key, padding: constants.RSA_PKCS1_PADDING }).toString(
			"base64"
		);

		expect(verifyRsa("y", signRsa("x", key), publicKey)).toBe(false);
		expect(verifyRsa("x", signRsa("x", parsePrivateKey(others.privateKey)), publicKey)).toBe(false);
		expect(verifyRsa("x", sha1, publicKey)).toBe(false);
	});

	it.each(["", "=", "!!!!", "WECHATPAY/SIGNTEST/abc", createHash("sha256").digest("base64")])(
		"refuses %j as a signature without throwing",
		signature => {
			expect(verifyRsa("x", signature, parsePublicKey(ours.publicKey))).toBe(false);
		}
	);

	it("refuses its own signature written in another way", () => {
		const signature = signRsa("x", parsePrivateKey(ours.privateKey));
		const last = signature.at(-3) ?? "";
		const spare = signature.slice(0, -3) + String.fromCharCode(last.charCodeAt(0) + 1) + "==";

		for (const other of [
			spare,
			`${signature.slice(0, 9)} ${signature.slice(9)}`,
			signature.slice(0, -2)
		]) {
			expect(Buffer.from(other, "base64")).toEqual(Buffer.from(signature, "base64"));
			expect(verifyRsa("x", other, parsePublicKey(ours.publicKey))).toBe(false);
		}
	});

	it("will not work with a key that is too short or not RSA", () => {
		const short = pair(1024);
		const curve = generateKeyPairSync("ed25519")
			.privateKey.export({ type: "pkcs8", format: "pem" })
			.toString();

		expect(() => parsePrivateKey(short.privateKey)).toThrow(TypeError);
		expect(() => parsePublicKey(short.publicKey)).toThrow(TypeError);
		expect(() => parsePrivateKey(curve)).toThrow(TypeError);
	});
});
