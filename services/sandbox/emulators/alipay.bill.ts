import { yuan, gatewayTime } from "./alipay.gateway";
import { tradeNo } from "./alipay.notifications";
import type { Movement } from "./bill";
import { gbk } from "./gbk";
import { zip } from "./zip";

const NAMES =
	"支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）," +
	"商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）," +
	"卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注";

/** A day's trades as the archive that merchants download: one file with each of them, one with sums, both in GBK. */
export function alipayBill(
	moved: readonly Movement[],
	{ sellerId, date }: { sellerId: string; date: string }
): Buffer {
	const name = `${sellerId}0156_${date.replaceAll("-", "")}`;
	const head = (title: string) => [
		`#${title}`,
		`#账号：[${sellerId}0156]`,
		`#起始日期：[${date} 00:00:00]   终止日期：[${date} 24:00:00]`
	];
	const details = [
		...head("支付宝业务明细查询"),
		"#-----------------------------------------业务明细列表----------------------------------------",
		NAMES,
		...moved.map(lineOf),
		"#-----------------------------------------业务明细列表结束------------------------------------",
		`#导出时间：[${date}]`
	];
	const sums = [...head("支付宝业务汇总查询"), `#合计：${moved.length}笔`];
	return zip([
		{ name: gbk(`${name}_业务明细(汇总).csv`), content: gbk(`${sums.join("\r\n")}\r\n`) },
		{ name: gbk(`${name}_业务明细.csv`), content: gbk(`${details.join("\r\n")}\r\n`) }
	]);
}

/** Texts end in a tab, amounts and times do not. */
function lineOf(move: Movement): string {
	const { trade, at } = move;
	const refund = move.kind === "refund" ? move.refund : undefined;
	const amount = refund ? `-${yuan(refund.amount)}` : yuan(trade.total);
	const text = (value = "") => `${value}\t`;
	return [
		text(tradeNo(trade.paymentNo)),
		text(trade.paymentNo),
		text(refund ? "退款" : "交易"),
		text(trade.description),
		gatewayTime(trade.createdAt),
		gatewayTime(at),
		...Array.from({ length: 4 }, () => text()),
		text("沙箱买家(san***@example.com)"),
		amount,
		amount,
		...Array.from({ length: 5 }, () => "0.00"),
		"",
		text("0.00"),
		"0.00",
		text(refund?.refundNo),
		"0.00",
		"0.00",
		""
	].join(",");
}
