import { tencentSms } from "./tencent";

const templates = {
	register: "1",
	login: "1",
	bind: "1",
	reset: "1",
	close: "1",
	step_up: "1",
	phone_changed: "2"
};
const provider = tencentSms({
	baseUrl: "https://sms.tencentcloudapi.com",
	secretId: "AKIDExampleSecretId",
	secretKey: "ExampleSecretKey",
	appId: "1400006666",
	signName: "腾讯云",
	region: "ap-guangzhou",
	templates: { ...templates, login: "449739" },
	params: ["code", "minutes"]
});
const message = { phone: "13800138000", code: "042917", kind: "login", text: "042917" } as const;
const ofPhone = (Code: string) =>
	JSON.stringify({ Response: { SendStatusSet: [{ Code, PhoneNumber: "+8613800138000" }] } });
const ofRequest = (Code: string) => JSON.stringify({ Response: { Error: { Code, Message: "No" } } });

// Made with `Sign.sign3` of the official SDK (tencentcloud-sdk-nodejs-common 4.1.220) from the same key, payload and time.
it("signs like the official SDK", () => {
	const { headers } = provider.buildRequest(message, new Date("2026-11-30T04:05:06.000Z"), "");

	expect(headers["Authorization"]).toBe(
		"TC3-HMAC-SHA256 Credential=AKIDExampleSecretId/2026-11-30/sms/tc3_request, " +
			"SignedHeaders=content-type;host, " +
			"Signature=c5ef6fb8fb81be8c8361e40aa10893e533fca07c747f867d2fbb1579be69d67c"
	);
});

it.each([
	[200, ofPhone("Ok"), { outcome: "accepted" }],
	[200, ofPhone("FailedOperation.PhoneNumberInBlacklist"), { cause: "number" }],
	[200, ofPhone("LimitExceeded.PhoneNumberDailyLimit"), { cause: "frequency" }],
	[200, ofPhone("FailedOperation.InsufficientBalanceInSmsPackage"), { cause: "provider" }],
	[200, ofRequest("AuthFailure.SignatureFailure"), { reason: "AuthFailure.SignatureFailure" }],
	[200, ofRequest("Ok"), { cause: "provider" }],
	[500, ofPhone("Ok"), { cause: "provider" }],
	[200, '{"Response":{"SendStatusSet":[]}}', { cause: "provider", reason: "HTTP_200" }],
	[200, "null", { cause: "provider", reason: "HTTP_200" }]
])("reads the answer %i %s", (status, body, expected) => {
	expect(provider.readReply(status, body)).toMatchObject(expected);
});
