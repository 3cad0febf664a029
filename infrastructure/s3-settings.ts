import { SettingError, type environmentReader } from "./environment";

/** The variables of the bucket in which pictures are kept. */
export const S3_VARIABLES = ["S3_URL", "S3_REGION", "S3_ACCESS_KEY", "S3_SECRET_KEY"] as const;
type Reader = ReturnType<typeof environmentReader<(typeof S3_VARIABLES)[number]>>;

/** The bucket for pictures; null where they are kept in the shop's documents. In production it is reached by https only. */
export function readS3Account({ text, webUrl, required }: Reader, production: boolean) {
	const set = S3_VARIABLES.find(name => name !== "S3_REGION" && text(name, "") !== "");
	if (!set) return null;
	required("S3_URL", set);
	const url = webUrl("S3_URL", "");
	const isLocal = /^http:\/\/(127\.0\.0\.1|localhost)[:/]/.test(url);
	if (production && !url.startsWith("https://") && !isLocal)
		throw new SettingError(
			"S3_URL",
			"在生产环境中应以 https:// 开头",
			"must begin with https:// in production"
		);
	return {
		url,
		region: text("S3_REGION", "us-east-1"),
		accessKey: required("S3_ACCESS_KEY", set),
		secretKey: required("S3_SECRET_KEY", set)
	};
}
