import { createBrand, firstLetterOf, patchBrand } from "./brand.domain";

it.each([
	["Apple", "A"],
	["  éclair", "E"],
	["\u200bＡpple", "A"],
	["华为", "H"],
	["小米", "X"],
	["阿里", "A"],
	["百度", "B"],
	["创维", "C"],
	["大疆", "D"],
	["恩施", "E"],
	["飞利浦", "F"],
	["格力", "G"],
	["京东", "J"],
	["康师傅", "K"],
	["李宁", "L"],
	["美的", "M"],
	["农夫山泉", "N"],
	["欧莱雅", "O"],
	["苹果", "P"],
	["青岛", "Q"],
	["荣耀", "R"],
	["三只松鼠", "S"],
	["腾讯", "T"],
	["维达", "W"],
	["一加", "Y"],
	["中兴", "Z"],
	["360", "#"],
	["さくら", "#"]
])("files %s under %s", (name, letter) => {
	expect(firstLetterOf(name)).toBe(letter);
});

it("treats names as equal that differ in case, width or outer blanks", () => {
	const { nameKey } = createBrand("b", { name: " ＡＰＰＬＥ" }, new Date());

	expect(patchBrand({ name: "apple " })).toMatchObject({ nameKey });
});

it("sets the letter of a new name, unless the patch has one", () => {
	expect(patchBrand({ name: "华为" })).toMatchObject({ firstLetter: "H" });
	expect(patchBrand({ name: "华为", firstLetter: "Z" })).toMatchObject({ firstLetter: "Z" });
	expect(patchBrand({ logo: null })).toEqual({ logo: null });
});
