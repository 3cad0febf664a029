import { SMS_NOTICES, SMS_PURPOSES, type SmsKind } from "../schemas/values/sms-kinds";
import { SettingError, type environmentReader } from "./environment";

/** The variables of the accounts at SMS providers. */
export const SMS_VARIABLES = [
	"SMS_PROVIDERS",
	"SMS_ALIYUN_KEY_ID",
	"SMS_ALIYUN_KEY_SECRET",
	"SMS_ALIYUN_SIGN_NAME",
	"SMS_ALIYUN_TEMPLATES",
	"SMS_ALIYUN_BASE_URL",
	"SMS_TENCENT_SECRET_ID",
	"SMS_TENCENT_SECRET_KEY",
	"SMS_TENCENT_APP_ID",
	"SMS_TENCENT_SIGN_NAME",
	"SMS_TENCENT_TEMPLATES",
	"SMS_TENCENT_PARAMS",
	"SMS_TENCENT_REGION",
	"SMS_TENCENT_BASE_URL",
	"SMS_WEBHOOK_URL",
	"SMS_WEBHOOK_SECRET"
] as const;
type SmsVariable = (typeof SMS_VARIABLES)[number];
type Reader = ReturnType<typeof environmentReader<SmsVariable>>;

const PROVIDERS = ["aliyun", "tencent", "webhook"] as const;
const MIN_SECRET_LENGTH = 24;

/** The accounts at SMS providers, in the order in which a message is offered to them. */
export function readSmsAccounts(reader: Reader, production: boolean) {
	const list = readList(reader, "SMS_PROVIDERS", PROVIDERS, "");
	return list.map(provider => {
		switch (provider) {
			case "aliyun":
				return { provider, ...readAliyun(reader, production) } as const;
			case "tencent":
				return { provider, ...readTencent(reader, production) } as const;
			case "webhook":
				return { provider, ...readWebhook(reader, production) } as const;
		}
	});
}

const readAliyun = (reader: Reader, production: boolean) => ({
	baseUrl: readBaseUrl(reader, production, "SMS_ALIYUN_BASE_URL", "https://dysmsapi.aliyuncs.com"),
	keyId: reader.required("SMS_ALIYUN_KEY_ID", "SMS_PROVIDERS"),
	keySecret: reader.required("SMS_ALIYUN_KEY_SECRET", "SMS_PROVIDERS"),
	signName: reader.required("SMS_ALIYUN_SIGN_NAME", "SMS_PROVIDERS"),
	templates: readTemplates(reader, "SMS_ALIYUN_TEMPLATES")
});

const readTencent = (reader: Reader, production: boolean) => ({
	baseUrl: readBaseUrl(reader, production, "SMS_TENCENT_BASE_URL", "https://sms.tencentcloudapi.com"),
	secretId: reader.required("SMS_TENCENT_SECRET_ID", "SMS_PROVIDERS"),
	secretKey: reader.required("SMS_TENCENT_SECRET_KEY", "SMS_PROVIDERS"),
	appId: reader.required("SMS_TENCENT_APP_ID", "SMS_PROVIDERS"),
	signName: reader.required("SMS_TENCENT_SIGN_NAME", "SMS_PROVIDERS"),
	region: reader.text("SMS_TENCENT_REGION", "ap-guangzhou"),
	templates: readTemplates(reader, "SMS_TENCENT_TEMPLATES"),
	/** The values of the templates' variables {1}, {2}, in their order. */
	params: readList(reader, "SMS_TENCENT_PARAMS", ["code", "minutes"] as const, "code")
});

function readWebhook(reader: Reader, production: boolean) {
	reader.required("SMS_WEBHOOK_URL", "SMS_PROVIDERS");
	const secret = reader.required("SMS_WEBHOOK_SECRET", "SMS_PROVIDERS");
	if (secret.length < MIN_SECRET_LENGTH)
		throw new SettingError(
			"SMS_WEBHOOK_SECRET",
			`至少 ${MIN_SECRET_LENGTH} 个字符，可用 openssl rand -hex 24 生成`,
			`must have at least ${MIN_SECRET_LENGTH} characters: openssl rand -hex 24 makes one`
		);
	return { url: readBaseUrl(reader, production, "SMS_WEBHOOK_URL", ""), secret };
}

/** In production nothing but https keeps phones and codes private. */
function readBaseUrl(
	reader: Reader,
	production: boolean,
	name: "SMS_ALIYUN_BASE_URL" | "SMS_TENCENT_BASE_URL" | "SMS_WEBHOOK_URL",
	fallback: string
): string {
	const address = reader.webUrl(name, fallback);
	if (production && !address.startsWith("https://"))
		throw new SettingError(
			name,
			"在生产环境中应以 https:// 开头",
			"must begin with https:// in production"
		);
	return address;
}

const KINDS: readonly SmsKind[] = [...SMS_PURPOSES, ...SMS_NOTICES];

/**
 * `SMS_1,login=SMS_2,phone_changed=SMS_3`: templates by the kind of message. The one without a kind is for all other messages
 * with a code.
 */
function readTemplates(
	reader: Reader,
	name: "SMS_ALIYUN_TEMPLATES" | "SMS_TENCENT_TEMPLATES"
): Readonly<Record<SmsKind, string>> {
	const entries = splitList(reader.required(name, "SMS_PROVIDERS")).map(
		entry => /^(?:(\w+)=)?([\w-]+)$/.exec(entry) ?? [entry, "?"]
	);
	const byKind = new Map(entries.map(([, kind = "", template = ""]) => [kind, template]));
	const general = byKind.get("");
	if (general !== undefined)
		for (const purpose of SMS_PURPOSES) byKind.set(purpose, byKind.get(purpose) ?? general);
	byKind.delete("");
	const isRepeated = new Set(entries.map(([, kind]) => kind)).size !== entries.length;
	if (isRepeated || [...byKind.keys()].toSorted().join() !== KINDS.toSorted().join())
		throw new SettingError(
			name,
			`应为每种短信（${KINDS.join("、")}）各写一个模板，验证码类可合写一个，如 SMS_1,phone_changed=SMS_2`,
			`must name a template for each kind of message (${KINDS.join(", ")}), or one for all codes, such as SMS_1,phone_changed=SMS_2`
		);
	return Object.fromEntries(byKind) as Record<SmsKind, string>;
}

const splitList = (written: string) =>
	written
		.split(",")
		.map(entry => entry.trim())
		.filter(Boolean);

/** Words out of `known`, each at most once, separated by commas. */
function readList<const V extends string>(
	reader: Reader,
	name: SmsVariable,
	known: readonly V[],
	fallback: string
): V[] {
	const written = splitList(reader.text(name, fallback));
	const found = known.filter(word => written.includes(word));
	if (found.length !== written.length)
		throw new SettingError(
			name,
			`应为 ${known.join("、")} 中的若干项，以逗号分隔`,
			`must be some of ${known.join(", ")}, each once, separated by commas`
		);
	return found.toSorted((a, b) => written.indexOf(a) - written.indexOf(b));
}
