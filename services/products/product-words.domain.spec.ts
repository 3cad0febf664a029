import fc from "fast-check";
import { extractQueryWords, extractWords } from "./product-words.domain";

const matches = (query: string, ...texts: string[]) => {
	const words = new Set(extractWords(...texts));
	return extractQueryWords(query).every(word => words.has(word));
};

it.each([
	["手机", "华为智能手机 Mate 60"],
	["智能手机", "华为智能手机"],
	["红色手机壳", "手机壳 红色 硅胶"],
	["iPhone15", "Apple iPhone 15 Pro"],
	["iphone 15", "Apple iPhone15 Pro"],
	["IPHONE", "ｉＰｈｏｎｅ"],
	["wid", "Widget-7x2k"],
	["Widget-7x2k", "Widget-7x2k"],
	["壳", "手机壳"]
])("finds %s in %s", (query, text) => {
	expect(matches(query, text)).toBe(true);
});

it.each([
	["手机 苹果", "华为手机"],
	["7k2x", "Widget-7x2k"],
	["iphone16", "iPhone 15 Pro 16"],
	["hone", "iphone"]
])("does not find %s in %s", (query, text) => {
	expect(matches(query, text)).toBe(false);
});

it("finds words over the name and the subtitle together", () => {
	expect(matches("华为 防水", "华为手环", "防水一百米")).toBe(true);
});

it("finds no word in a query of signs only", () => {
	expect(extractQueryWords("！？ ，")).toEqual([]);
});

it("finds every part of a Chinese text", () => {
	const characters = fc.constantFrom(..."智能手机蓝牙耳机防水运动手表红色大容量".split(""));
	fc.assert(
		fc.property(
			fc.array(characters, { minLength: 1, maxLength: 12 }),
			fc.nat(11),
			fc.nat(11),
			(all, a, b) => {
				const text = all.join("");
				const part = text.slice(Math.min(a, b), Math.max(a, b) + 1);

				expect(matches(part, text)).toBe(true);
			}
		)
	);
});
