import fc from "fast-check";
import { parseYuan, formatYuan } from "./yuan";

const fen = fc.integer({ min: 0, max: 10_000_000_000 });

describe("yuan", () => {
	it("turns fen into yuan and back without loss", () => {
		fc.assert(
			fc.property(fen, amount => {
				expect(parseYuan(formatYuan(amount))).toBe(amount);
			})
		);
	});

	it.each([
		[0, "0.00"],
		[1, "0.01"],
		[10, "0.10"],
		[30, "0.30"],
		[101, "1.01"],
		[10_000_000_000, "100000000.00"]
	])("writes %d fen as %s", (amount, text) => {
		expect(formatYuan(amount)).toBe(text);
	});

	it("reads no text but the one it would write itself", () => {
		fc.assert(
			fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9]{1,4}\.?[0-9]{0,3}$/)), text => {
				const amount = parseYuan(text);

				expect(amount === undefined || formatYuan(amount) === text).toBe(true);
			})
		);
	});

	it.each([
		"0.1",
		"1",
		"1.",
		".10",
		"1.000",
		"1e3",
		"-1.00",
		"+1.00",
		"01.00",
		"00.10",
		" 1.00",
		"1.00\n",
		"1,000.00",
		"１.００",
		"٣.٠٠",
		"NaN",
		"0x1.00",
		"",
		"100000000.01",
		"999999999999.00"
	])("refuses %j", text => {
		expect(parseYuan(text)).toBeUndefined();
	});

	it.each([0.5, -1, Number.NaN, Number.POSITIVE_INFINITY, 10_000_000_001])(
		"throws when asked to write %d fen",
		amount => {
			expect(() => formatYuan(amount)).toThrow(RangeError);
		}
	);
});
