import { refuseOwnPublicKey, SettingError, type environmentReader } from "./environment";

const ALIPAY_VARIABLES = [
	"ALIPAY_APP_ID",
	"ALIPAY_SELLER_ID",
	"ALIPAY_PRIVATE_KEY",
	"ALIPAY_PUBLIC_KEY"
] as const;
const WECHAT_VARIABLES = [
	"WECHAT_MCH_ID",
	"WECHAT_APP_ID",
	"WECHAT_SERIAL",
	"WECHAT_PRIVATE_KEY",
	"WECHAT_PLATFORM_SERIAL",
	"WECHAT_PLATFORM_KEY",
	"WECHAT_API_V3_KEY"
] as const;
/** The variables of the accounts at payment channels. */
export const CHANNEL_VARIABLES = [
	...ALIPAY_VARIABLES,
	"ALIPAY_BASE_URL",
	...WECHAT_VARIABLES,
	"WECHAT_BASE_URL"
] as const;
type Variable = (typeof CHANNEL_VARIABLES)[number] | "PUBLIC_URL";
type Reader = ReturnType<typeof environmentReader<Variable>>;

/** The shop's account at Alipay (key mode); null where it has none. */
export function readAlipayAccount(reader: Reader, production: boolean) {
	if (!isChannelSet(reader, production, ALIPAY_VARIABLES)) return null;
	const { keys, matching } = reader;
	const privateKeys = keys("ALIPAY_PRIVATE_KEY", "private");
	const publicKeys = keys("ALIPAY_PUBLIC_KEY", "public");
	refuseOwnPublicKey("ALIPAY_PUBLIC_KEY", publicKeys, privateKeys);
	return {
		baseUrl: readBaseUrl(reader, production, "ALIPAY_BASE_URL", "https://openapi.alipay.com"),
		appId: matching("ALIPAY_APP_ID", /^\d{16}$/, "2021000000000000"),
		sellerId: matching("ALIPAY_SELLER_ID", /^2088\d{12}$/, "2088000000000000"),
		keys: { merchantPrivateKey: privateKeys.join("\n"), alipayPublicKeys: publicKeys }
	};
}

/** The shop's account at WeChat Pay (APIv3); null where it has none. */
export function readWechatAccount(reader: Reader, production: boolean) {
	if (!isChannelSet(reader, production, WECHAT_VARIABLES)) return null;
	const { keys, matching, text, webUrl } = reader;
	const privateKeys = keys("WECHAT_PRIVATE_KEY", "private");
	const platformKeys = keys("WECHAT_PLATFORM_KEY", "public");
	refuseOwnPublicKey("WECHAT_PLATFORM_KEY", platformKeys, privateKeys);
	const serials = text("WECHAT_PLATFORM_SERIAL", "")
		.split(",")
		.map(serial => serial.trim());
	if (serials.length !== platformKeys.length || new Set(serials).size !== serials.length)
		throw new SettingError(
			"WECHAT_PLATFORM_KEY",
			"应与 WECHAT_PLATFORM_SERIAL 中的序列号一一对应",
			"must have one key in PEM format for each serial in WECHAT_PLATFORM_SERIAL"
		);
	if (production && !webUrl("PUBLIC_URL", "").startsWith("https://"))
		throw new SettingError(
			"PUBLIC_URL",
			"应以 https:// 开头：微信支付只通知 https 地址",
			"must begin with https://: WeChat Pay notifies no other address"
		);
	return {
		baseUrl: readBaseUrl(reader, production, "WECHAT_BASE_URL", "https://api.mch.weixin.qq.com"),
		appId: matching("WECHAT_APP_ID", /^wx\w{16,30}$/, "wx0123456789abcdef"),
		merchantId: matching("WECHAT_MCH_ID", /^\d{8,32}$/, "1900000001"),
		keys: {
			merchantSerial: matching("WECHAT_SERIAL", /^[0-9A-Fa-f]{4,64}$/, "5A4D4A4C…"),
			merchantPrivateKey: privateKeys.join("\n"),
			/** By their serials. */
			platformPublicKeys: Object.fromEntries(
				serials.map((serial, n) => [serial, platformKeys[n] ?? ""])
			),
			apiV3Key: matching("WECHAT_API_V3_KEY", /^[\x21-\x7e]{32}$/, "a-key-of-exactly-32-characters-0")
		}
	};
}

/** Whether the variables of an account are set: all of them are, or none is. */
function isChannelSet(
	{ text, required }: Reader,
	production: boolean,
	variables: readonly Variable[]
): boolean {
	const set = variables.find(name => text(name, "") !== "");
	if (!set) return false;
	for (const name of variables) required(name, set);
	if (production) required("PUBLIC_URL", set);
	return true;
}

/** The base URL of a payment channel's API. In production nothing but https keeps amounts and keys private. */
function readBaseUrl(
	{ webUrl }: Reader,
	production: boolean,
	name: "ALIPAY_BASE_URL" | "WECHAT_BASE_URL",
	fallback: string
): string {
	const address = webUrl(name, fallback);
	if (production && !address.startsWith("https://"))
		throw new SettingError(
			name,
			"在生产环境中应以 https:// 开头",
			"must begin with https:// in production"
		);
	if (address.endsWith("/gateway.do"))
		throw new SettingError(name, "不应包含 /gateway.do", "must be written without /gateway.do");
	return address;
}
