import { generateKeyPairSync } from "node:crypto";
import { signRsa } from "../../protocol/rsa";
import { buildAuthorization, findSignatureFault } from "./signing";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const now = new Date("2026-01-31T08:00:00Z");

describe("WeChat Pay's authorization", () => {
	it("signs method, path with query, time, nonce and body, each on its line", () => {
		const merchant = { merchantId: "1900000001", merchantSerial: "AB12", privateKey };

		const nonce = "0123456789abcdef0123456789abcdef";

		const header = buildAuthorization(merchant, {
			method: "GET",
			path: "/v3/x?mchid=1",
			body: "",
			at: now,
			nonce
		});

		const signature = signRsa(`GET\n/v3/x?mchid=1\n1769846400\n${nonce}\n\n`, privateKey);
		expect(header).toBe(
			`WECHATPAY2-SHA256-RSA2048 mchid="1900000001",nonce_str="${nonce}",signature="${signature}",` +
				`timestamp="1769846400",serial_no="AB12"`
		);
	});
});

describe("a signed message", () => {
	const keys = new Map([["PUB_KEY_ID_1", publicKey]]);
	const body = Buffer.from('{"a": 1}');

	function headers(change: Record<string, string | undefined> = {}, timestamp = "1769846400") {
		const all: Record<string, string | undefined> = {
			"wechatpay-timestamp": timestamp,
			"wechatpay-nonce": "n",
			"wechatpay-serial": "PUB_KEY_ID_1",
			"wechatpay-signature": signRsa(`${timestamp}\nn\n{"a": 1}\n`, privateKey),
			...change
		};
		return (name: string) => all[name];
	}
	const at = (seconds: number) => String(now.getTime() / 1000 + seconds);

	it.each([0, 299, -299, 300, -300])("is good when signed %d s from now", seconds => {
		expect(findSignatureFault({ header: headers({}, at(seconds)), body }, keys, now)).toBeUndefined();
	});

	it.each([301, -301, 86_400])("is stale when signed %d s from now", seconds => {
		expect(findSignatureFault({ header: headers({}, at(seconds)), body }, keys, now)?.reason).toBe(
			"stale"
		);
	});

	it.each(["wechatpay-timestamp", "wechatpay-nonce", "wechatpay-serial", "wechatpay-signature"])(
		"is malformed without %s",
		name => {
			expect(
				findSignatureFault({ header: headers({ [name]: undefined }), body }, keys, now)?.reason
			).toBe("malformed");
		}
	);

	it.each(["__proto__", "constructor", "toString", "PUB_KEY_ID_2"])("knows no key of serial %s", serial => {
		expect(
			findSignatureFault({ header: headers({ "wechatpay-serial": serial }), body }, keys, now)?.reason
		).toBe("serial");
	});

	it.each(["1e9", "-1", " 1769846400", "NaN", "0x10"])("does not take %j for a timestamp", timestamp => {
		expect(findSignatureFault({ header: headers({}, timestamp), body }, keys, now)?.reason).toBe(
			"malformed"
		);
	});

	it("is refused when the body differs by one blank", () => {
		expect(
			findSignatureFault({ header: headers(), body: Buffer.from('{"a":1}') }, keys, now)?.reason
		).toBe("signature");
	});
});
