import { spawnSync } from "node:child_process";
import { generateKeyPair } from "../../support/payments/key-pair";
import { ROOT, RUN_TYPESCRIPT } from "../../support/root";

const { publicKey, privateKey } = generateKeyPair();
const ALIPAY = {
	ALIPAY_APP_ID: "2021000000000000",
	ALIPAY_SELLER_ID: "2088000000000002",
	ALIPAY_PRIVATE_KEY: privateKey,
	ALIPAY_PUBLIC_KEY: publicKey
};
const WECHAT = {
	WECHAT_MCH_ID: "1900000001",
	WECHAT_APP_ID: "wx0000000000000001",
	WECHAT_SERIAL: "5A4D",
	WECHAT_PRIVATE_KEY: privateKey,
	WECHAT_PLATFORM_SERIAL: "PUB_KEY_ID_1",
	WECHAT_PLATFORM_KEY: publicKey,
	WECHAT_API_V3_KEY: "0".repeat(32)
};

/** The number of channel keys of a program with these settings, or the error that keeps it from starting. */
function read(env: Record<string, string>): string {
	const program = `
		try {
			const { settings } = require("./settings");
			console.log([settings.alipay.keys.alipayPublicKeys.length, Object.keys(settings.wechat.keys.platformPublicKeys)].join());
		} catch (err) {
			console.log(err.message);
		}`;
	const { stdout } = spawnSync(process.execPath, [...RUN_TYPESCRIPT, "-e", program], {
		cwd: ROOT,
		encoding: "utf8",
		env: { ...process.env, ...ALIPAY, ...WECHAT, ...env }
	});
	return stdout.trim();
}

it.each([
	["one key of each", {}, "1,PUB_KEY_ID_1"],
	[
		"two, with real line breaks and with written ones",
		{
			ALIPAY_PUBLIC_KEY: `${publicKey}${publicKey}`,
			WECHAT_PLATFORM_SERIAL: "5A4D, PUB_KEY_ID_2",
			WECHAT_PLATFORM_KEY: `${publicKey}${publicKey}`.replaceAll("\n", "\\n")
		},
		"2,5A4D,PUB_KEY_ID_2"
	],
	[
		"no more serials than keys",
		{ WECHAT_PLATFORM_SERIAL: "5A4D,PUB_KEY_ID_2" },
		"WECHAT_PLATFORM_KEY must have one key in PEM format for each serial in WECHAT_PLATFORM_SERIAL"
	],
	[
		"no key that is cut off",
		{ ALIPAY_PUBLIC_KEY: publicKey.slice(0, 100) },
		"ALIPAY_PUBLIC_KEY must be a key in PEM format"
	]
])("takes %s", (_, env, said) => {
	expect(read(env)).toBe(said);
});
