import { formatMessage } from "./format-message";

it.each([
	["NOT_FOUND", { what: "order", id: "o1" }, "未找到订单", "No such order"],
	["NOT_FOUND", { what: "sku" }, "未找到 SKU", "No such SKU"],
	["NOT_FOUND", { what: "entry" }, "未找到", "Not found"],
	["NOT_FOUND", null, "未找到", "Not found"],
	[
		"INVALID_STATE",
		{ state: "cancelled", allowed: [] },
		"当前状态（cancelled）不允许此操作",
		"Not possible in the present state (cancelled)"
	],
	["INVALID_STATE", {}, "当前状态不允许此操作", "Not possible in the present state"],
	[
		"LIMIT_REACHED",
		{ what: "address", limit: 20 },
		"数量已达上限（20）",
		"There may be no more than 20 of these"
	],
	["OK", { state: "paid" }, "成功", "OK"]
] as const)("words %s with %j", (code, data, zh, en) => {
	expect([formatMessage(code, data, "zh"), formatMessage(code, data, "en")]).toEqual([zh, en]);
});
