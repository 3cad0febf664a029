import { aliyunSms } from "./aliyun";

const templates = {
	register: "1",
	login: "1",
	bind: "1",
	reset: "1",
	close: "1",
	step_up: "1",
	phone_changed: "2"
};
const provider = aliyunSms({
	baseUrl: "https://dysmsapi.aliyuncs.com",
	keyId: "LTAI5tExampleKeyId",
	keySecret: "ExampleAccessKeySecret",
	signName: "阿里云短信测试",
	templates: { ...templates, login: "SMS_154950909" }
});
const message = { phone: "13800138000", code: "042917", kind: "login", text: "042917" } as const;
const answer = (code: string) => JSON.stringify({ Code: code, Message: "13800138000", RequestId: "R" });

// Made with `getAuthorization` of the official SDK (@alicloud/openapi-util 0.3.3) from the same key, query and headers.
it("signs like the official SDK", () => {
	const { headers } = provider.buildRequest(
		message,
		new Date("2026-11-30T04:05:06.789Z"),
		"b1c0f7c2a5d84d3f9f0e6a7b8c9d0e1f"
	);

	expect(headers["Authorization"]).toBe(
		"ACS3-HMAC-SHA256 Credential=LTAI5tExampleKeyId," +
			"SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version," +
			"Signature=3d086b558f3b2207c53ebf1e6e60e9e26bc4033329b47741800da15bd9c9445b"
	);
});

it.each([
	[200, answer("OK"), { outcome: "accepted" }],
	[200, answer("isv.MOBILE_NUMBER_ILLEGAL"), { cause: "number" }],
	[200, answer("isv.BUSINESS_LIMIT_CONTROL"), { cause: "frequency" }],
	[200, answer("isv.AMOUNT_NOT_ENOUGH"), { cause: "provider", reason: "isv.AMOUNT_NOT_ENOUGH" }],
	[400, answer("SignatureDoesNotMatch"), { cause: "provider", reason: "SignatureDoesNotMatch" }],
	[500, answer("OK"), { cause: "provider" }],
	[502, "<html>", { cause: "provider", reason: "HTTP_502" }],
	[200, "", { cause: "provider", reason: "HTTP_200" }],
	[200, answer("code 042917 for 13800138000"), { cause: "provider", reason: "HTTP_200" }]
])("reads the answer %i %s", (status, body, expected) => {
	expect(provider.readReply(status, body)).toMatchObject(expected);
});
