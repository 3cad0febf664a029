import fc from "fast-check";
import { unzip } from "./zip";

/** Made by Python's zipfile: a deflated file and a stored one. */
const TWO_FILES = Buffer.from(
	"UEsDBBQAAAAIACgYeF1yURu2DgAAALQAAAAFAAAAYS5jc3bLz0vVKSnP5+XKHzoMAFBLAwQUAAAAAAAAACEADzaiJg0AAAANAAAACgAAAHN0b3JlZC50eHRrZXB0IGFzIGl0IGlzUEsBAhQDFAAAAAgAKBh4XXJRG7YOAAAAtAAAAAUAAAAAAAAAAAAAAIABAAAAAGEuY3N2UEsBAhQDFAAAAAAAAAAhAA82oiYNAAAADQAAAAoAAAAAAAAAAAAAAIABMQAAAHN0b3JlZC50eHRQSwUGAAAAAAIAAgBrAAAAZgAAAAAA",
	"base64"
);
/** The same, written to a stream: sizes and sums stand behind the file. */
const STREAMED = Buffer.from(
	"UEsDBBQACAAIACgYeF0AAAAAAAAAAAAAAAAFAAAAYS5jc3bLz0vVKSnP5+XKHzoMAFBLBwhyURu2DgAAALQAAABQSwECFAMUAAgACAAoGHhdclEbtg4AAAC0AAAABQAAAAAAAAAAAAAAgAEAAAAAYS5jc3ZQSwUGAAAAAAEAAQAzAAAAQQAAAAAA",
	"base64"
);
const CSV = "one,two\r\n".repeat(20);
const texts = (archive: Buffer, most = 1000) => unzip(archive, most)?.map(String);

describe("an archive", () => {
	it("gives its files, deflated or stored", () => {
		expect(texts(TWO_FILES)).toEqual([CSV, "kept as it is"]);
	});

	it("is read by its directory when the files leave their sizes out", () => {
		expect(texts(STREAMED)).toEqual([CSV]);
	});

	it("is none when it holds more than may be", () => {
		expect(texts(TWO_FILES, CSV.length)).toBeUndefined();
		expect(texts(TWO_FILES, CSV.length + 13)).toHaveLength(2);
	});

	it("is none when it is cut off, or is something else", () => {
		fc.assert(fc.property(fc.nat(TWO_FILES.length - 1), end => !unzip(TWO_FILES.subarray(0, end), 1000)));
		fc.assert(fc.property(fc.uint8Array(), bytes => !unzip(Buffer.from(bytes), 1000)));
	});

	it("never gives other content than was put in, whichever byte is damaged", () => {
		fc.assert(
			fc.property(fc.nat(TWO_FILES.length - 1), fc.integer({ min: 1, max: 255 }), (at, bits) => {
				const damaged = Buffer.from(TWO_FILES);
				damaged.writeUInt8(damaged.readUInt8(at) ^ bits, at);

				const files = texts(damaged) ?? [];

				expect(files.every(file => file === CSV || file === "kept as it is")).toBe(true);
			})
		);
	});
});
