import { createHash, createHmac } from "node:crypto";
import { parseObject, readErrorCode, refused, type SmsProvider, type SmsTemplates } from "../sms-provider";

export type AliyunAccount = {
	readonly baseUrl: string;
	readonly keyId: string;
	readonly keySecret: string;
	readonly signName: string;
	readonly templates: SmsTemplates;
};

const ALGORITHM = "ACS3-HMAC-SHA256";
const NUMBER_CODES = ["isv.MOBILE_NUMBER_ILLEGAL", "MOBILE_NUMBER_ILLEGAL", "isv.MOBILE_COUNT_OVER_LIMIT"];

/**
 * Aliyun's short message service, `SendSms` of 2017-05-25 with signature V3. Phone and code are in the URL, as in the official
 * SDK, so the URL must not be logged.
 * https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature
 */
export function aliyunSms(account: AliyunAccount): SmsProvider {
	const { baseUrl, keyId, keySecret, signName, templates } = account;
	return {
		name: "aliyun",
		buildRequest({ phone, code, kind }, now, nonce) {
			const query = canonicalQuery({
				PhoneNumbers: phone,
				SignName: signName,
				TemplateCode: templates[kind],
				TemplateParam: JSON.stringify(code === null ? {} : { code })
			});
			const signed = {
				host: new URL(baseUrl).host,
				"x-acs-action": "SendSms",
				"x-acs-content-sha256": sha256(""),
				"x-acs-date": now.toISOString().replace(/\.\d+Z$/, "Z"),
				"x-acs-signature-nonce": nonce,
				"x-acs-version": "2017-05-25"
			};
			const names = Object.keys(signed).join(";");
			const lines = Object.entries(signed).map(([name, value]) => `${name}:${value}\n`);
			const canonical = ["POST", "/", query, lines.join(""), names, sha256("")].join("\n");
			const signature = createHmac("sha256", keySecret)
				.update(`${ALGORITHM}\n${sha256(canonical)}`)
				.digest("hex");
			const { host: _, ...headers } = signed;
			return {
				method: "POST",
				url: `${baseUrl}/?${query}`,
				headers: {
					...headers,
					Authorization: `${ALGORITHM} Credential=${keyId},SignedHeaders=${names},Signature=${signature}`
				}
			};
		},
		// A refusal may come with status 200 as well: only the code `OK` is an acceptance.
		readReply(status, body) {
			const code = readErrorCode(parseObject(body)["Code"]);
			if (status === 200 && code === "OK") return { outcome: "accepted" };
			if (code && NUMBER_CODES.includes(code)) return refused("number", code);
			if (code?.includes("BUSINESS_LIMIT")) return refused("frequency", code);
			return refused("provider", code ?? `HTTP_${status}`);
		}
	};
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** Sorted by name and encoded by RFC 3986, which also encodes ! ' ( ) *. */
const canonicalQuery = (params: Readonly<Record<string, string>>) =>
	Object.entries(params)
		.toSorted(([a], [b]) => (a < b ? -1 : 1))
		.map(([name, value]) => `${name}=${encodeRfc3986(value)}`)
		.join("&");

const encodeRfc3986 = (text: string) =>
	encodeURIComponent(text).replace(/[!'()*]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
