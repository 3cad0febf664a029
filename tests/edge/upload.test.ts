import sharp from "sharp";
import { SharedShop } from "../support/shared-shop/shared-shop";
import { sendRaw } from "../support/raw-http";

let shop: SharedShop;
let token: string;
let image: Buffer;
beforeAll(async () => {
	shop = await SharedShop.open();
	token = await shop.asUser();
	image = await sharp({ create: { width: 20, height: 20, channels: 3, background: "teal" } })
		.png()
		.toBuffer();
});

type Part = { readonly name: string; readonly bytes: Buffer; readonly file?: boolean };
const BOUNDARY = "cut-here";
const form = (...parts: Part[]) =>
	Buffer.concat([
		...parts.flatMap(({ name, bytes, file = true }) => [
			Buffer.from(
				`--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${file ? '; filename="a.png"' : ""}\r\n\r\n`
			),
			bytes,
			Buffer.from("\r\n")
		]),
		Buffer.from(`--${BOUNDARY}--\r\n`)
	]);
async function upload(body: Buffer, type = `multipart/form-data; boundary=${BOUNDARY}`) {
	const headers = {
		Authorization: `Bearer ${token}`,
		"Content-Type": type,
		"Content-Length": String(body.length)
	};
	const { status, text } = await sendRaw(shop.url, "PUT", "/api/v1/me/avatar", headers, body);
	return `${status} ${JSON.parse(text).code}`;
}

it("takes the file of its field and ignores other fields", async () => {
	const note = { name: "note", bytes: Buffer.from("hello"), file: false };

	expect(await upload(form({ name: "file", bytes: image }))).toBe("200 OK");
	expect(await upload(form(note, { name: "file", bytes: image }))).toBe("200 OK");
});

it.each([
	["no boundary", "multipart/form-data", "415 UNSUPPORTED_MEDIA_TYPE"],
	["an empty boundary", "multipart/form-data; boundary=", "400 VALIDATION_ERROR"],
	["another boundary", "multipart/form-data; boundary=elsewhere", "400 VALIDATION_ERROR"],
	["another type", "image/png", "415 UNSUPPORTED_MEDIA_TYPE"]
])("refuses %s", async (_, type, said) => {
	expect(await upload(form({ name: "file", bytes: image }), type)).toBe(said);
});

it("refuses a form that is cut off, at whatever byte", async () => {
	const whole = form({ name: "file", bytes: image });

	for (const length of [0, 1, 20, 80, 120, whole.length - 30])
		expect(await upload(whole.subarray(0, length))).toMatch(
			/^4(00 VALIDATION_ERROR|15 UNSUPPORTED_MEDIA_TYPE)$/
		);
});

it("refuses a file over 2 MiB, wherever in the form, and goes on working", async () => {
	const big = Buffer.alloc(2 * 1024 * 1024 + 1);

	expect(await upload(form({ name: "file", bytes: big }))).toBe("413 PAYLOAD_TOO_LARGE");
	expect(await upload(form({ name: "other", bytes: big }))).toBe("413 PAYLOAD_TOO_LARGE");
	expect(await upload(form({ name: "file", bytes: image }))).toBe("200 OK");
});

it("refuses a small file that decompresses to a huge picture", async () => {
	const bomb = await sharp({
		create: { width: 5_100, height: 5_000, channels: 3, background: "black" }
	})
		.png({ compressionLevel: 6 })
		.toBuffer();

	expect(bomb.length).toBeLessThan(2 * 1024 * 1024);
	expect(await upload(form({ name: "file", bytes: bomb }))).toBe("415 UNSUPPORTED_MEDIA_TYPE");
});

it("refuses a text field in place of the file, and an empty file", async () => {
	expect(await upload(form({ name: "file", bytes: image, file: false }))).toBe("400 VALIDATION_ERROR");
	expect(await upload(form({ name: "file", bytes: Buffer.alloc(0) }))).toBe("400 VALIDATION_ERROR");
});
