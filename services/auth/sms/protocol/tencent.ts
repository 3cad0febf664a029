import { createHash, createHmac } from "node:crypto";
import {
	asObject,
	parseObject,
	readErrorCode,
	refused,
	type SmsProvider,
	type SmsTemplates
} from "../sms-provider";
import { CODE_SECONDS } from "../../one-time-code.domain";

export type TencentAccount = {
	readonly baseUrl: string;
	readonly secretId: string;
	readonly secretKey: string;
	readonly appId: string;
	readonly signName: string;
	readonly region: string;
	readonly templates: SmsTemplates;
	/** The values of the templates' variables {1}, {2}, in their order. */
	readonly params: readonly ("code" | "minutes")[];
};

const MINUTES = String(CODE_SECONDS / 60);
const ALGORITHM = "TC3-HMAC-SHA256";
const NUMBER_CODES = [
	"FailedOperation.PhoneNumberInBlacklist",
	"InvalidParameterValue.IncorrectPhoneNumber",
	"UnsupportedOperation.UnsupportedRegion"
];

/**
 * Tencent Cloud's short message service, `SendSms` of 2021-01-11 with signature V3.
 * https://cloud.tencent.com/document/api/382/52072
 */
export function tencentSms(account: TencentAccount): SmsProvider {
	const { baseUrl, secretId, secretKey, appId, signName, region, templates, params } = account;
	return {
		name: "tencent",
		buildRequest({ phone, code, kind }, now) {
			const body = JSON.stringify({
				PhoneNumberSet: [`+86${phone}`],
				SmsSdkAppId: appId,
				SignName: signName,
				TemplateId: templates[kind],
				TemplateParamSet: code === null ? [] : params.map(name => (name === "code" ? code : MINUTES))
			});
			const timestamp = Math.floor(now.getTime() / 1000);
			const day = now.toISOString().slice(0, 10);
			const scope = `${day}/sms/tc3_request`;
			const signed = { "content-type": "application/json", host: new URL(baseUrl).host };
			const names = Object.keys(signed).join(";");
			const lines = Object.entries(signed).map(([name, value]) => `${name}:${value}\n`);
			const canonical = ["POST", "/", "", lines.join(""), names, sha256(body)].join("\n");
			const key = ["sms", "tc3_request"].reduce(hmac, hmac(`TC3${secretKey}`, day));
			const toSign = [ALGORITHM, timestamp, scope, sha256(canonical)].join("\n");
			const signature = hmac(key, toSign).toString("hex");
			return {
				method: "POST",
				url: `${baseUrl}/`,
				headers: {
					"Content-Type": "application/json",
					Authorization: `${ALGORITHM} Credential=${secretId}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
					"X-TC-Action": "SendSms",
					"X-TC-Version": "2021-01-11",
					"X-TC-Timestamp": String(timestamp),
					"X-TC-Region": region
				},
				body
			};
		},
		// Every answer has status 200. `Error` refuses the request, `SendStatusSet` says what became of the one phone.
		readReply(status, body) {
			const response = asObject(parseObject(body)["Response"]);
			const { SendStatusSet: statuses } = response;
			const ofPhone = Array.isArray(statuses) ? asObject(statuses[0]) : asObject(response["Error"]);
			const code = readErrorCode(ofPhone["Code"]);
			if (status === 200 && Array.isArray(statuses) && code === "Ok") return { outcome: "accepted" };
			if (code && NUMBER_CODES.includes(code)) return refused("number", code);
			if (code?.startsWith("LimitExceeded.PhoneNumber")) return refused("frequency", code);
			return refused("provider", code ?? `HTTP_${status}`);
		}
	};
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
