import type { RawResponse } from "../../schemas/http.contract";

const escaped = (text: string) => text.replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`);

const page = (type: string, body: string, status = 200): RawResponse => ({
	status,
	headers: { "Content-Type": type, "Cache-Control": "no-store" },
	body: Buffer.from(body).toString("base64")
});

type Shown = {
	readonly paymentNo: string;
	readonly orderNo: string;
	readonly channel: "alipay" | "wechat";
	readonly status: string;
	readonly amount: number;
};
const NAMES = { alipay: "支付宝 Alipay", wechat: "微信支付 WeChat Pay" } as const;

/** The emulated channel's cashier: what is to be paid, and buttons that pay it. */
export function cashierPage({ paymentNo, orderNo, channel, status, amount }: Shown): RawResponse {
	const yuan = new Intl.NumberFormat("zh-CN", { style: "currency", currency: "CNY" }).format(amount / 100);
	const buttons =
		status === "pending"
			? `<p class="pay"><button data-outcome="success">确认付款 Pay</button> <button data-outcome="fail">付款失败 Fail</button></p>`
			: `<p>此付款单已不可支付 no longer payable: <strong>${escaped(status)}</strong></p>`;
	return page(
		"text/html; charset=utf-8",
		`<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>收银台 · ${NAMES[channel]}</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/site.css">
</head>
<body>
<main class="card" data-payment="${escaped(paymentNo)}">
<h1>${NAMES[channel]}</h1>
<p class="lead">沙箱收银台，不会产生真实扣款。<span lang="en">Sandbox cashier: no real money moves.</span></p>
<ul>
<li>金额 amount <strong>${yuan}</strong></li>
<li>订单 order <strong>${escaped(orderNo)}</strong></li>
<li>付款单 payment <strong>${escaped(paymentNo)}</strong></li>
</ul>
${buttons}
<p id="said" role="status"></p>
</main>
<script src="../cashier.js"></script>
</body>
</html>
`
	);
}

export const missingPage = (): RawResponse =>
	page(
		"text/html; charset=utf-8",
		"<!doctype html><meta charset=utf-8><title>404</title><p>没有此付款单 No such payment",
		404
	);

/** In a file of its own: the pages allow no inline script. */
export const cashierScript = (): RawResponse =>
	page(
		"text/javascript; charset=utf-8",
		`"use strict";
const { payment } = document.querySelector("main").dataset;
for (const button of document.querySelectorAll("button"))
	button.addEventListener("click", async () => {
		const said = document.getElementById("said");
		const response = await fetch("../payments/" + payment + "/pay", {
			method: "POST",
			headers: { "Content-Type": "application/json" },
			body: JSON.stringify({ outcome: button.dataset.outcome, notify: "once" })
		});
		const { data, message } = await response.json();
		const words = { paid: "付款成功 Paid", again: "此前已付 Paid before", failed: "付款失败 Payment failed" };
		said.textContent = response.ok ? words[data.outcome] || data.outcome : message;
		if (response.ok && data.outcome !== "failed") document.querySelector(".pay").remove();
	});
`
	);
