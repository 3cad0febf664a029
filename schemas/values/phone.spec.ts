import { maskPhone, parseMobile, parseReachablePhone } from "./phone";

describe("a mobile number", () => {
	it.each([
		"13812345678",
		"+8613812345678",
		"0086 138 1234 5678",
		"138-1234-5678",
		" 13812345678 ",
		"１３８１２３４５６７８",
		"＋８６　１３８１２３４５６７８",
		"\u202d+86 138 1234 5678\u202c",
		"1\u200b3812345678\ufeff",
		"(+86) 138 1234 5678",
		"138–1234—5678",
		"138\u00a01234\u20115678",
		"138.1234.5678",
		"86 13812345678"
	])("is the same however it is written: %s", written => {
		expect(parseMobile(written)).toBe("13812345678");
	});

	it("is taken from every segment, also those a table does not know yet", () => {
		const segments = ["13", "14", "15", "16", "17", "18", "19"];

		const read = segments.map(segment => parseMobile(`${segment}000000000`));

		expect(read).toEqual(segments.map(segment => `${segment}000000000`));
	});

	it.each([
		"12345678901",
		"1381234567",
		"138123456789",
		"10086",
		"+14155552671",
		"<13812345678>",
		"13812345678 ext 5",
		"",
		"null"
	])("is not found in %p", written => {
		expect(parseMobile(written)).toBeNull();
	});

	it("is shown with its middle hidden", () => {
		expect(maskPhone("13800000000")).toBe("138****0000");
	});
});

describe("a number to reach a receiver by", () => {
	it("may be a mobile, a landline or a foreign number", () => {
		const numbers = ["+86 13812345678", "021-62345678", "+852 5123 4567"].map(parseReachablePhone);

		expect(numbers).toEqual(["13812345678", "021-6234-5678", "+85251234567"]);
	});

	it.each(["(021) 62345678", "０２１－６２３４５６７８", "\u2068021\u2069 6234–5678"])(
		"is the same however it is written: %j",
		written => {
			expect(parseReachablePhone(written)).toBe("021-6234-5678");
		}
	);

	it("is no service number and no nonsense", () => {
		expect(["10086", "000000", "abc"].map(parseReachablePhone)).toEqual([null, null, null]);
	});
});
