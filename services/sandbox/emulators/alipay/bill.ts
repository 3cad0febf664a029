import { formatYuan } from "../yuan";
import { formatGatewayTime } from "./gateway";
import { buildTradeNo } from "./notification";
import type { Movement } from "../movements";
import { encodeGbk } from "./gbk";
import { buildZip } from "./zip";

const NAMES =
	"支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）," +
	"商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）," +
	"卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注";

/** Builds the archive that merchants download: one file with the day's trades, one with sums, both in GBK. */
export function buildBillArchive(
	movements: readonly Movement[],
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
		...movements.map(buildLine),
		"#-----------------------------------------业务明细列表结束------------------------------------",
		`#导出时间：[${date}]`
	];
	const sums = [...head("支付宝业务汇总查询"), `#合计：${movements.length}笔`];
	return buildZip([
		{ name: encodeGbk(`${name}_业务明细(汇总).csv`), content: encodeGbk(`${sums.join("\r\n")}\r\n`) },
		{ name: encodeGbk(`${name}_业务明细.csv`), content: encodeGbk(`${details.join("\r\n")}\r\n`) }
	]);
}

/** Text cells end in a tab; amounts and times do not. */
function buildLine(movement: Movement): string {
	const { trade, at } = movement;
	const refund = movement.kind === "refund" ? movement.refund : undefined;
	const amount = refund ? `-${formatYuan(refund.amount)}` : formatYuan(trade.total);
	const text = (value = "") => `${value}\t`;
	return [
		text(buildTradeNo(trade.paymentNo)),
		text(trade.paymentNo),
		text(refund ? "退款" : "交易"),
		text(trade.description),
		formatGatewayTime(trade.createdAt),
		formatGatewayTime(at),
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
