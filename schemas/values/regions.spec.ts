import { findWrongRegion, isProvinceName, listRegions, toProvinceName } from "./regions";

it("has the provinces of China with cities and districts", () => {
	const provinces = listRegions();
	const beijing = provinces.find(({ name }) => name === "北京市");

	expect(provinces).toHaveLength(34);
	expect(beijing).toMatchObject({ code: "110000", children: [{ code: "110100", name: "北京市" }] });
	expect(beijing?.children[0]?.children).toContainEqual({ code: "110105", name: "朝阳区", children: [] });
});

it.each([
	["浙江省", "杭州市", "西湖区"],
	["浙江", "杭州", "西湖"],
	["上海市", "上海市", "浦东新区"],
	["上海市", "市辖区", "浦东新区"],
	["重庆市", "县", "城口县"],
	["广东省", "东莞市", "南城街道"],
	["湖北省", "仙桃市", "仙桃市"],
	["湖北省", "省直辖县级行政区划", "仙桃市"],
	["广西壮族自治区", "南宁市", "青秀区"],
	["台湾省", "台北市", "大安区"],
	["香港特别行政区", "香港特别行政区", "湾仔区"]
])("knows %s %s %s", (province, city, district) => {
	expect(findWrongRegion({ province, city, district })).toBeNull();
});

it.each([
	["火星省", "杭州市", "西湖区", "province"],
	["浙", "杭州市", "西湖区", "province"],
	["浙江省", "深圳市", "南山区", "city"],
	["浙江省", "杭州市", "南山区", "district"],
	["上海市", "上海市", "西湖区", "district"]
])("names the field of %s %s %s that is wrong", (province, city, district, field) => {
	expect(findWrongRegion({ province, city, district })).toBe(field);
});

it("completes a province that is written short, and leaves what is none", () => {
	expect(["内蒙古", "新疆", "海南省", "火星"].map(toProvinceName)).toEqual([
		"内蒙古自治区",
		"新疆维吾尔自治区",
		"海南省",
		"火星"
	]);
	expect([isProvinceName("浙江省"), isProvinceName("浙江")]).toEqual([true, false]);
});
