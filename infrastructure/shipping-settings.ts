import { SettingError, type environmentReader } from "./environment";

/** The variables of the account at a tracking service. */
export const SHIPPING_VARIABLES = [
	"SHIPPING_TRACKING",
	"SHIPPING_KUAIDI100_CUSTOMER",
	"SHIPPING_KUAIDI100_KEY",
	"SHIPPING_KUAIDI100_SALT",
	"SHIPPING_KUAIDI100_BASE_URL"
] as const;
type Reader = ReturnType<typeof environmentReader<(typeof SHIPPING_VARIABLES)[number]>>;

/** The account at the tracking service; null: parcels are sent and not tracked. */
export function readTrackingAccount(reader: Reader, production: boolean) {
	if (reader.oneOf("SHIPPING_TRACKING", "off", "kuaidi100") === "off") return null;
	const baseUrl = reader.webUrl("SHIPPING_KUAIDI100_BASE_URL", "https://poll.kuaidi100.com");
	if (production && !baseUrl.startsWith("https://"))
		throw new SettingError(
			"SHIPPING_KUAIDI100_BASE_URL",
			"在生产环境中应以 https:// 开头",
			"must begin with https:// in production"
		);
	reader.required("SHIPPING_KUAIDI100_SALT", "SHIPPING_TRACKING");
	return {
		provider: "kuaidi100",
		baseUrl,
		customer: reader.required("SHIPPING_KUAIDI100_CUSTOMER", "SHIPPING_TRACKING"),
		key: reader.required("SHIPPING_KUAIDI100_KEY", "SHIPPING_TRACKING"),
		/** Signs the pushes; chosen by the shop. */
		salt: reader.matching(
			"SHIPPING_KUAIDI100_SALT",
			/^[A-Za-z0-9]{16,32}$/,
			"16 to 32 letters and digits of your own choice"
		)
	} as const;
}
