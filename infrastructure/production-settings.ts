import type { Settings } from "../settings";
import { readAuthority, refuseKnownSecrets, refuseOpenServers } from "./production-guard";

type SecretSettings = Pick<
	Settings,
	| "jwtSecret"
	| "auditKeys"
	| "nats"
	| "mongo"
	| "redis"
	| "alipay"
	| "wechat"
	| "sms"
	| "tracking"
	| "s3"
	| "searchEngine"
>;

/** Refuses secrets that others know or can guess, and servers that anybody may use or listen to. */
export function assertFitForProduction(
	{
		jwtSecret,
		auditKeys,
		nats,
		mongo,
		redis,
		alipay,
		wechat,
		sms,
		tracking,
		s3,
		searchEngine
	}: SecretSettings,
	allowsPlainText: boolean
): void {
	const { credsFile, tls } = nats ?? { credsFile: "", tls: { caFile: "", certFile: "" } };
	const natsAddresses = (nats?.servers ?? []).map(
		url =>
			({
				variable: "NATS_URL",
				url,
				hasCredentials: credsFile !== "" || tls.certFile !== "",
				isEncrypted: tls.caFile !== "" || tls.certFile !== ""
			}) as const
	);
	const stores = [
		...(mongo ? [{ variable: "MONGO_URL", url: mongo.url } as const] : []),
		...(redis ? [{ variable: "REDIS_URL", url: redis.url } as const] : [])
	];
	const searchNodes = (searchEngine?.urls ?? []).map(url => ({ variable: "SEARCH_URL", url }) as const);
	refuseOpenServers([...natsAddresses, ...stores, ...searchNodes], allowsPlainText);
	const passwords = [...natsAddresses.slice(0, 1), ...stores, ...searchNodes.slice(0, 1)] // the servers of one cluster share a password
		.map(({ variable, url }) => ({ variable, value: decodeURIComponent(readAuthority(url).password) }))
		.filter(({ value }) => value !== "");
	const chosen = [
		{ variable: "JWT_SECRET", value: jwtSecret },
		...auditKeys.map(value => ({ variable: "AUDIT_KEYS", value })),
		...passwords
	];
	const given = [];
	if (alipay) {
		given.push({ variable: "ALIPAY_PRIVATE_KEY", value: alipay.keys.merchantPrivateKey });
		for (const value of alipay.keys.alipayPublicKeys)
			given.push({ variable: "ALIPAY_PUBLIC_KEY", value });
	}
	if (wechat) {
		chosen.push({ variable: "WECHAT_API_V3_KEY", value: wechat.keys.apiV3Key });
		given.push({ variable: "WECHAT_PRIVATE_KEY", value: wechat.keys.merchantPrivateKey });
		for (const value of Object.values(wechat.keys.platformPublicKeys))
			given.push({ variable: "WECHAT_PLATFORM_KEY", value });
	}
	if (tracking) chosen.push({ variable: "SHIPPING_KUAIDI100_SALT", value: tracking.salt });
	for (const account of sms)
		if (account.provider === "webhook")
			chosen.push({ variable: "SMS_WEBHOOK_SECRET", value: account.secret });
	if (s3) given.push({ variable: "S3_SECRET_KEY", value: s3.secretKey });
	refuseKnownSecrets(chosen, given);
}
