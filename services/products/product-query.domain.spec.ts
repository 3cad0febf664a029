import { buildListFilter } from "./product-query.domain";

const pairsAsked = (attr: Record<string, string[]>) => buildListFilter({ attr })?.["pairs"];

it("reads one text as values separated by commas, or as one value with commas", () => {
	expect(pairsAsked({ 颜色: ["黑"] })).toEqual({ $in: ["颜色=黑"] });
	expect(pairsAsked({ 颜色: ["黑,白"] })).toEqual({ $in: ["颜色=黑,白", "颜色=黑", "颜色=白"] });
	expect(pairsAsked({ 颜色: [",黑,"] })).toEqual({ $in: ["颜色=,黑,", "颜色=黑"] });
});

it("reads each of several texts as one value", () => {
	expect(pairsAsked({ 容量: ["1,000ml", "2L"] })).toEqual({ $in: ["容量=1,000ml", "容量=2L"] });
	expect(pairsAsked({ 容量: ["1,000ml", "1,000ml"] })).toEqual({ $in: ["容量=1,000ml", "容量=1,000ml"] });
});

it("matches several attributes on one SKU, and ignores an attribute without values", () => {
	const pair = (of: string) => ({ pairs: { $in: [of] } });

	expect(buildListFilter({ attr: { 颜色: ["黑"], "a=b": ["c"] } })?.["skus"]).toEqual({
		$elemMatch: { $and: [pair("颜色=黑"), pair("a\\=b=c")] }
	});
	expect(buildListFilter({ attr: {} })).not.toHaveProperty("pairs");
	expect(buildListFilter({ attr: { 颜色: [] } })).not.toHaveProperty("pairs");
});
