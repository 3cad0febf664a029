import { buildListFilter } from "./product-query.domain";

const pairsAsked = (attr: Record<string, string[]>) => buildListFilter({ attr })?.["pairs"];

it("takes one text for values parted by commas, or for a value that has commas", () => {
	expect(pairsAsked({ 颜色: ["黑"] })).toEqual({ $in: ["颜色=黑"] });
	expect(pairsAsked({ 颜色: ["黑,白"] })).toEqual({ $in: ["颜色=黑,白", "颜色=黑", "颜色=白"] });
	expect(pairsAsked({ 颜色: [",黑,"] })).toEqual({ $in: ["颜色=,黑,", "颜色=黑"] });
});

it("takes each of several texts for a value as it is", () => {
	expect(pairsAsked({ 容量: ["1,000ml", "2L"] })).toEqual({ $in: ["容量=1,000ml", "容量=2L"] });
	expect(pairsAsked({ 容量: ["1,000ml", "1,000ml"] })).toEqual({ $in: ["容量=1,000ml", "容量=1,000ml"] });
});

it("asks for attributes together on one SKU, and for nothing where no value is given", () => {
	const pair = (of: string) => ({ pairs: { $in: [of] } });

	expect(buildListFilter({ attr: { 颜色: ["黑"], "a=b": ["c"] } })?.["skus"]).toEqual({
		$elemMatch: { $and: [pair("颜色=黑"), pair("a\\=b=c")] }
	});
	expect(buildListFilter({ attr: {} })).not.toHaveProperty("pairs");
	expect(buildListFilter({ attr: { 颜色: [] } })).not.toHaveProperty("pairs");
});
