import { createCipheriv } from "node:crypto";
import { decryptResource } from "./encryption";

const apiV3Key = Buffer.alloc(32, "k");

function aResource({ text = "{}", nonce = "0123456789ab", aad = "transaction" } = {}) {
	const cipher = createCipheriv("aes-256-gcm", apiV3Key, nonce);
	cipher.setAAD(Buffer.from(aad));
	const sealed = Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
	return {
		algorithm: "AEAD_AES_256_GCM",
		ciphertext: sealed.toString("base64"),
		nonce,
		associated_data: aad
	};
}

function flipped(base64: string, at: number): string {
	const bytes = Buffer.from(base64, "base64");
	bytes.writeUInt8(bytes.readUInt8(at < 0 ? bytes.length + at : at) ^ 1, at < 0 ? bytes.length + at : at);
	return bytes.toString("base64");
}

describe("an encrypted resource", () => {
	it("is opened, with or without associated data", () => {
		expect(decryptResource(aResource({ text: "退款" }), apiV3Key)).toBe("退款");
		expect(decryptResource(aResource({ text: "x", aad: "" }), apiV3Key)).toBe("x");
	});

	it.each([
		["a bit of the text", { ciphertext: flipped(aResource({ text: '{"total":1}' }).ciphertext, 9) }],
		["a bit of the tag", { ciphertext: flipped(aResource().ciphertext, -1) }],
		[
			"a shortened tag",
			{ ciphertext: Buffer.from(aResource().ciphertext, "base64").subarray(0, -4).toString("base64") }
		],
		["the associated data", { associated_data: "refund" }],
		["the nonce", { nonce: "0123456789ac" }],
		["a nonce of another length", { nonce: "0123456789abc" }],
		["no nonce", { nonce: undefined }],
		["no ciphertext", { ciphertext: "" }],
		["another algorithm", { algorithm: "AEAD_AES_128_GCM" }]
	])("stays shut when altered: %s", (_, change) => {
		expect(decryptResource({ ...aResource(), ...change }, apiV3Key)).toBeUndefined();
	});

	it("stays shut with another key", () => {
		expect(decryptResource(aResource(), Buffer.alloc(32, "x"))).toBeUndefined();
	});
});
