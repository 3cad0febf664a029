import type { ServiceBroker } from "moleculer";
import { getGatewayUrl, getGatewayPort } from "../infrastructure/gateway-url";
import type { Settings } from "../settings";

/** The text shown at the terminal after a start: addresses, demo accounts, where the data is. */
export function formatBanner(
	broker: ServiceBroker,
	settings: Settings,
	mode: string,
	seconds: string
): string {
	const port = getGatewayPort(broker);
	const url = getGatewayUrl(broker);
	const { metricsServer: metrics } = settings;
	const rows = [
		["模式 mode", `${mode}${mode === "embedded" ? "（无需任何服务器 no servers needed）" : ""}`],
		...(port
			? [
					["接口 REST", `${url}/api/v1/products`],
					["文档 docs", `${url}/docs`],
					["健康 health", `${url}/health/ready`]
				]
			: []),
		...(metrics ? [["指标 metrics", `http://${metrics.host}:${metrics.port}/metrics`]] : []),
		...(settings.workers > 1 ? [["进程 processes", `${settings.workers}`]] : []),
		...(settings.demo
			? [
					["管理员 admin", "13800000000 / Mall-admin-1"],
					["顾客 customer", "13900000000 / Mall-user-1"]
				]
			: []),
		["数据 data", `${settings.dataDir}${settings.production ? "" : "（npm run reset 清空 deletes it）"}`]
	];
	const lines = rows.map(([label = "", value]) => `  ${label.padEnd(14)} ${value}`);
	return `\nzjMall 已就绪 ready in ${seconds} s — Ctrl+C 停止 to stop\n${lines.join("\n")}\n\n`;
}
