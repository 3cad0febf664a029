import fc from "fast-check";
import { escapeCell, formatYuan, joinList, parseYuan, splitList, unescapeCell } from "./cells.domain";

const text = fc.string({
	unit: fc.constantFrom("'", "=", "+", "-", "@", "|", "\\", ",", '"', "\n", "茶", "0", " ")
});

it("takes away the one quote that it writes before what could be a formula", () => {
	fc.assert(fc.property(text, cell => expect(unescapeCell(escapeCell(cell))).toBe(cell)));
	expect(["=1+1", "'=1", "-5", "茶=", "'茶"].map(escapeCell)).toEqual([
		"'=1+1",
		"''=1",
		"'-5",
		"茶=",
		"'茶"
	]);
	expect(unescapeCell("=1")).toBe("=1");
});

it("parts lists at bars, except at those with a backslash before them", () => {
	fc.assert(
		fc.property(fc.array(text.filter(part => part !== "")), parts =>
			expect(splitList(joinList(parts))).toEqual(parts)
		)
	);
	expect(splitList("a|b\\c||d\\|e")).toEqual(["a", "b\\c", "d|e"]);
});

it("writes fen as yuan with two decimals, and reads at most two", () => {
	fc.assert(
		fc.property(fc.integer({ min: 0, max: 1_000_000_000 }), fen =>
			expect(parseYuan(formatYuan(fen))).toBe(fen)
		)
	);
	expect(["12", "12.5", " 0.05 "].map(parseYuan)).toEqual([1200, 1250, 5]);
	expect(["", "1.234", "1,000", "-1", "¥5", "1e3", "."].map(parseYuan)).toEqual(Array(7).fill(null));
});
