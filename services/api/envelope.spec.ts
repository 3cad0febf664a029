import { chooseLanguage } from "./envelope";

describe("chooseLanguage", () => {
	it.each([
		[undefined, "zh"],
		["", "zh"],
		["en", "en"],
		["en-GB,en;q=0.9", "en"],
		["EN-us", "en"],
		["zh-CN,zh;q=0.9,en;q=0.8", "zh"],
		["en;q=0.5, zh;q=0.8", "zh"],
		["en;q=0.8, zh;q=0.5", "en"],
		["fr-FR, en;q=0.3", "en"],
		["fr", "zh"],
		["*", "zh"],
		["en;q=0", "zh"],
		["en;q=nonsense", "zh"]
	])("takes %j for %s", (header, lang) => {
		expect(chooseLanguage(header)).toBe(lang);
	});
});
