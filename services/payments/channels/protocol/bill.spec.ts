import { parseBillText } from "../alipay/protocol/bill";
import { parseBillAmount } from "./bill";
import { parseWechatBill } from "../wechat/protocol/bill";

const WECHAT_NAMES =
	"交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注";
const WECHAT_SUMS =
	"总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n`2,`0,`0,`0,`0,`0,`0\r\n";
const wechatLine = (over: Record<string, string>) =>
	WECHAT_NAMES.split(",")
		.map(name => `\`${over[name] ?? ""}`)
		.join(",");
const wechatBill = (...lines: string[]) => `\uFEFF${[WECHAT_NAMES, ...lines, WECHAT_SUMS].join("\r\n")}`;

const ALIPAY_NAMES =
	"支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注";
const alipayBill = (...lines: string[]) =>
	[
		"#支付宝业务明细查询",
		"#账号：[20880000000000000156]",
		"#起始日期：[2026年01月31日 00:00:00]   终止日期：[2026年02月01日 00:00:00]",
		"#-----------------------------------------业务明细列表----------------------------------------",
		ALIPAY_NAMES,
		...lines,
		"#-----------------------------------------业务明细列表结束------------------------------------",
		"#交易合计：1笔，商家实收共20.00元，商家优惠共0.00元",
		""
	].join("\r\n");
const TRADE =
	"2026013121001004720299453898\t,PAY_1\t,交易\t,zjMall 1\t,2026-01-31 00:06:14,2026-01-31 00:06:15,\t,\t,\t,\t,*杨(137****2600)\t,20.00,20.00,0.00,0.00,0.00,0.00,0.00,,0.00\t,0.00,\t,0.00,0.00,";
const BACK =
	"2026013121001004720299453898\t,PAY_1\t,退款\t,zjMall 1\t,2026-01-31 00:06:14,2026-01-31 09:06:15,\t,\t,\t,\t,*杨(137****2600)\t,-5.50,-5.50,0.00,0.00,0.00,0.00,0.00,,0.00\t,0.00,R_1\t,0.00,0.00,";

describe("an amount of a bill", () => {
	it.each([
		["20.00", 2000],
		["0.5", 50],
		["0", 0],
		["-15.01", 1501],
		["100000000.00", 10_000_000_000],
		["1e3", undefined],
		["", undefined],
		["1,000.00", undefined],
		["0.001", undefined]
	])("%s is %s fen", (yuan, fen) => {
		expect(parseBillAmount(yuan)).toBe(fen);
	});
});

describe("a bill of WeChat Pay", () => {
	const paid = wechatLine({
		商户订单号: "PAY_1",
		交易状态: "SUCCESS",
		订单金额: "20.00",
		商品名称: "a, b"
	});
	const refunded = wechatLine({
		商户订单号: "PAY_1",
		商户退款单号: "R_1",
		交易状态: "REFUND",
		退款状态: "PROCESSING",
		申请退款金额: "5.50"
	});

	it("tells of payments and accepted refunds by our numbers, commas in names or not", () => {
		expect(parseWechatBill(wechatBill(paid, refunded))).toEqual([
			{ kind: "payment", paymentNo: "PAY_1", refundNo: null, amount: 2000 },
			{ kind: "refund", paymentNo: "PAY_1", refundNo: "R_1", amount: 550 }
		]);
	});

	it("leaves out refunds that paid nothing out", () => {
		expect(parseWechatBill(wechatBill(refunded.replace("PROCESSING", "FAIL")))).toEqual([]);
	});

	it.each([
		["is cut off before its sums", wechatBill(paid).split("总交易单数")[0] ?? ""],
		["has a line with a cell too few", wechatBill(paid.replace(",`", ""))],
		["has a state nobody knows", wechatBill(paid.replace("SUCCESS", "DREAMT"))],
		["has an amount nobody can read", wechatBill(paid.replace("20.00", "二十"))],
		["is an error page", "<html>Bad gateway</html>"],
		["is empty", ""]
	])("is none when it %s", (_, text) => {
		expect(parseWechatBill(text)).toBeUndefined();
	});
});

describe("a bill of Alipay", () => {
	it("tells of trades and refunds by our numbers", () => {
		expect(parseBillText(alipayBill(TRADE, BACK))).toEqual([
			{ kind: "payment", paymentNo: "PAY_1", refundNo: null, amount: 2000 },
			{ kind: "refund", paymentNo: "PAY_1", refundNo: "R_1", amount: 550 }
		]);
	});

	it("leaves out what moved no buyer's money", () => {
		expect(parseBillText(alipayBill(TRADE.replace("交易\t", "分润\t")))).toEqual([]);
	});

	it.each([
		[
			"is cut off before its end",
			alipayBill(TRADE).split("#-----------------------------------------业务明细列表结束")[0] ?? ""
		],
		["has a line with a cell too many", alipayBill(TRADE.replace("zjMall 1", "zjMall, 1"))],
		["has an amount nobody can read", alipayBill(TRADE.replace("20.00", "¥20"))],
		["has sums only", "#支付宝业务汇总查询\r\n#合计：1笔"]
	])("is none when it %s", (_, text) => {
		expect(parseBillText(text)).toBeUndefined();
	});
});
