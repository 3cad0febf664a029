import fc from "fast-check";
import {
	CODE_PATTERN,
	fold,
	linePattern,
	PROSE_PATTERN,
	truncate,
	truncateUtf8,
	VISIBLE_PROSE_PATTERN,
	withoutInvisible
} from "./text";

const LINE = linePattern();
const INKLESS = {
	nothing: "",
	blanks: " \t\u3000\u00a0",
	"a zero-width space": "\u200b",
	joiners: "\u200c\u200d",
	"a soft hyphen": "\u00ad",
	"Hangul fillers": "\u3164\u115f\uffa0",
	"an empty braille cell": "\u2800",
	"a variation selector": "\ufe0f",
	"a byte order mark": "\ufeff",
	tags: "\u{e0041}"
};
const CONTROLS = ["\0", "\u001b", "\u007f", "\u0085", "\ud800", "\udc00"];
const BREAKS = ["\n", "\r\n", "\t"];
const OVERRIDES = ["\u202d", "\u202e"];
const DIRECTIONS = [...OVERRIDES, "\u202a", "\u202b", "\u202c", "\u2066", "\u2067", "\u2068", "\u2069"];
const WHOLE = [
	"王小明",
	"क्‍ष",
	"नमस्ते",
	"می‌خواهم",
	"👩‍👩‍👧",
	"❤️",
	"🏴󠁧󠁢󠁥󠁮󠁧󠁿",
	"Zoë",
	"O’Neill",
	"קפה\u200f",
	"𠮷野家"
];

describe("a line", () => {
	it.each(Object.entries(INKLESS))("is not %s", (_, text) => {
		expect(LINE.test(text)).toBe(false);
		expect(LINE.test(`${text}x${text}`)).toBe(!/[\t]/.test(text));
	});

	it.each([...CONTROLS, ...BREAKS, ...DIRECTIONS, "\u2028", "\u2029"])("has no %j", character => {
		expect(LINE.test(`a${character}b`)).toBe(false);
	});

	it.each(WHOLE)("may be %s", text => {
		expect(LINE.test(text)).toBe(true);
	});

	it("can leave characters out", () => {
		expect(["a", "a=b", "=", "a.b"].map(text => linePattern("=.").test(text))).toEqual([
			true,
			false,
			false,
			false
		]);
	});
});

describe("prose", () => {
	it.each([...WHOLE, ...BREAKS, "", "  ", "a\n\tb", "\u2067a\u2069"])("may be %j", text => {
		expect(PROSE_PATTERN.test(text)).toBe(true);
	});

	it.each([...CONTROLS, ...OVERRIDES])("has no %j", character => {
		expect(PROSE_PATTERN.test(`a${character}b`)).toBe(false);
	});

	it.each(Object.values(INKLESS))("that must be seen is not %j", text => {
		expect(VISIBLE_PROSE_PATTERN.test(text)).toBe(false);
		expect(VISIBLE_PROSE_PATTERN.test(`${text}\nx\n`)).toBe(true);
	});
});

it.each(["A-1", "货号_7", "№5"])("takes %s for a code", text => {
	expect(CODE_PATTERN.test(text)).toBe(true);
});

it.each(["", "A 1", "A\u200b1", "A1\u3000", "\u202eA1", "A\n"])("takes %j for no code", text => {
	expect(CODE_PATTERN.test(text)).toBe(false);
});

describe("folding", () => {
	it.each([
		["case", "Nike", "NIKE"],
		["sharp s", "straße", "STRASSE"],
		["a sigma at the end", "ΟΔΟΣ", "οδος"],
		["width", "ＡＢＣ－１", "abc-1"],
		["half-width kana", "ｱﾄﾞ", "アド"],
		["how accents are encoded", "caf\u00e9", "CAFE\u0301"],
		["outer and inner blanks", " Coca  Cola\u3000", "CocaCola"],
		["zero-width characters", "Ni\u200bke\ufeff", "nike"],
		["variation selectors", "❤\ufe0f", "❤"]
	])("makes %s the same", (_, one, other) => {
		expect(fold(one)).toBe(fold(other));
	});

	it.each([
		["Nike", "Mike"],
		["é", "e"],
		["中", "申"],
		["A-1", "A1"]
	])("keeps %s and %s apart", (one, other) => {
		expect(fold(one)).not.toBe(fold(other));
	});

	it("folds the beginning of a word as it folds the word", () => {
		expect(fold("ΟΔΟΣΑ").startsWith(fold("ΟΔΟΣ"))).toBe(true);
	});

	it("changes nothing that is folded", () => {
		fc.assert(
			fc.property(fc.string({ unit: "binary" }), text => {
				expect(fold(fold(text))).toBe(fold(text));
			})
		);
		for (let code = 0; code <= 0x10ffff; code++) {
			const folded = fold(String.fromCodePoint(code));
			if (fold(folded) !== folded) throw new Error(`U+${code.toString(16)} folds twice`);
		}
	});

	it("makes the same of a text however it is normalized, cased or spaced", () => {
		const forms = fc.constantFrom("NFC", "NFD", "NFKC", "NFKD");
		fc.assert(
			fc.property(fc.string({ unit: "grapheme" }), forms, (text, form) => {
				expect(fold(text.normalize(form))).toBe(fold(text));
				expect(fold(Array.from(text).join("\u200b "))).toBe(fold(withoutInvisible(text)));
			})
		);
	});
});

it("cuts a text between characters", () => {
	fc.assert(
		fc.property(fc.string({ unit: "binary" }), fc.nat(20), (text, max) => {
			expect(truncate(text, max)).toBe(Array.from(text).slice(0, max).join(""));
		})
	);
});

it("cuts a text at bytes of UTF-8, and between characters", () => {
	fc.assert(
		fc.property(fc.string({ unit: "binary" }), fc.nat(40), (text, max) => {
			const kept = truncateUtf8(text, max);

			const next = Array.from(text)[Array.from(kept).length] ?? "";
			expect(text.startsWith(kept)).toBe(true);
			expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(max);
			expect(next === "" || Buffer.byteLength(kept + next) > max).toBe(true);
		})
	);
	expect(truncateUtf8("缺货\ud83d", 99)).toBe("缺货\ufffd");
});
