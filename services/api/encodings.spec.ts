import { brotliDecompressSync, gunzipSync } from "node:zlib";
import fc from "fast-check";
import { appendEnd, chooseEncoding, encodeBeginning, encodeText, type Encoding } from "./encodings";

const DECODERS: Readonly<Record<Encoding, (bytes: Buffer) => Buffer>> = {
	identity: bytes => bytes,
	gzip: bytes => gunzipSync(bytes),
	br: bytes => brotliDecompressSync(bytes)
};
const LONG = 5000;

describe("chooseEncoding", () => {
	it.each([
		[undefined, "identity"],
		["", "identity"],
		["gzip, deflate, br", "br"],
		["gzip, deflate, br, zstd", "br"],
		["gzip", "gzip"],
		["br;q=0.5, gzip;q=0.8", "gzip"],
		["deflate", "identity"],
		["*", "br"],
		["br;q=0, *", "gzip"],
		["gzip;q=0", "identity"],
		["nonsense;;;", "identity"]
	])("takes for %j %s", (header, encoding) => {
		expect(chooseEncoding(header, LONG)).toBe(encoding);
	});

	it("leaves short texts alone", () => {
		expect(chooseEncoding("gzip, br", 100)).toBe("identity");
	});
});

describe("encoded texts", () => {
	it.each(["identity", "gzip", "br"] as const)("are the same after decoding: %s", async encoding => {
		const text = Buffer.from("茶杯 cup ".repeat(500));

		expect(DECODERS[encoding](await encodeText(encoding, text))).toEqual(text);
	});

	it.each(["identity", "gzip", "br"] as const)(
		"are the same with an end that was appended later: %s",
		async encoding => {
			await fc.assert(
				fc.asyncProperty(
					fc.string({ unit: "grapheme", maxLength: 3000 }),
					fc.array(fc.string({ minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 3 }),
					async (beginning, ends) => {
						const encoded = await encodeBeginning(encoding, Buffer.from(beginning));

						for (const end of ends)
							expect(DECODERS[encoding](appendEnd(encoded, Buffer.from(end))).toString()).toBe(
								beginning + end
							);
					}
				),
				{ numRuns: 60 }
			);
		}
	);

	it("may have an end of the greatest length", async () => {
		const end = Buffer.alloc(65_535, "e");

		for (const encoding of ["gzip", "br"] as const) {
			const encoded = await encodeBeginning(encoding, Buffer.from("beginning "));
			expect(DECODERS[encoding](appendEnd(encoded, end)).toString()).toBe(
				`beginning ${end.toString()}`
			);
		}
	});
});
