import { environmentReader } from "./environment";
import { readS3Account } from "./s3-settings";

const BUCKET = { S3_URL: "https://s3.example/shop/", S3_ACCESS_KEY: "key", S3_SECRET_KEY: "secret" };
const read = (env: Readonly<Record<string, string>>, production = true) =>
	readS3Account(environmentReader(env), production);

it("has no bucket unless its address is set", () => {
	expect(read({})).toBeNull();
	expect(read({ S3_REGION: "cn-north-1" })).toBeNull();
	expect(read(BUCKET)).toEqual({
		url: "https://s3.example/shop",
		region: "us-east-1",
		accessKey: "key",
		secretKey: "secret"
	});
});

it.each([
	["S3_URL", { S3_URL: "" }],
	["S3_URL", { S3_URL: "http://s3.example/shop" }],
	["S3_ACCESS_KEY", { S3_ACCESS_KEY: "" }],
	["S3_SECRET_KEY", { S3_SECRET_KEY: "" }]
])("refuses a bucket with a wrong %s", (name, wrong) => {
	expect(() => read({ ...BUCKET, ...wrong })).toThrow(new RegExp(`^${name} [^\\n]+$`));
});
