import type { RawResponse } from "../../schemas/http.contract";

const escapeHtml = (text: string) => text.replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`);

const toResponse = (type: string, body: string, status = 200): RawResponse => ({
	status,
	headers: { "Content-Type": type, "Cache-Control": "no-store" },
	body: Buffer.from(body).toString("base64")
});

type PaymentOnPage = {
	readonly paymentNo: string;
	readonly orderNo: string;
	readonly channel: "alipay" | "wechat";
	readonly status: string;
	readonly amount: number;
};
const NAMES = { alipay: "支付宝 Alipay", wechat: "微信支付 WeChat Pay" } as const;

const isWebAddress = (address: string) =>
	URL.canParse(address) && /^https?:$/.test(new URL(address).protocol);

/**
 * Renders the emulated channel's cashier: the payment, and buttons that pay it. A buyer who has paid is sent to `redirectUrl`,
 * which WeChat Pay takes from the page's address, or where Alipay's answer says.
 */
export function renderCashier(
	{ paymentNo, orderNo, channel, status, amount }: PaymentOnPage,
	redirectUrl: string | null
): RawResponse {
	const returnTo = redirectUrl && isWebAddress(redirectUrl) ? redirectUrl : "";
	const yuan = new Intl.NumberFormat("zh-CN", { style: "currency", currency: "CNY" }).format(amount / 100);
	const buttons =
		status === "pending"
			? `<p class="pay"><button data-outcome="success">确认付款 Pay</button> <button data-outcome="fail">付款失败 Fail</button></p>`
			: `<p>此付款单已不可支付 no longer payable: <strong>${escapeHtml(status)}</strong></p>`;
	return toResponse(
		"text/html; charset=utf-8",
		`<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>收银台 · ${NAMES[channel]}</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/site.css">
</head>
<body>
<main class="card" data-payment="${escapeHtml(paymentNo)}" data-return="${escapeHtml(returnTo)}">
<h1>${NAMES[channel]}</h1>
<p class="lead">沙箱收银台，不会产生真实扣款。<span lang="en">Sandbox cashier: no real money moves.</span></p>
<ul>
<li>金额 amount <strong>${yuan}</strong></li>
<li>订单 order <strong>${escapeHtml(orderNo)}</strong></li>
<li>付款单 payment <strong>${escapeHtml(paymentNo)}</strong></li>
</ul>
${buttons}
<p id="said" role="status"></p>
<p><a id="back" hidden>返回商店 Back to the shop</a></p>
</main>
<script src="../cashier.js"></script>
</body>
</html>
`
	);
}

export const renderMissing = (): RawResponse =>
	toResponse(
		"text/html; charset=utf-8",
		"<!doctype html><meta charset=utf-8><title>404</title><p>没有此付款单 No such payment",
		404
	);

/** The script has a file of its own, because the pages' Content-Security-Policy allows no inline script. */
export const renderScript = (): RawResponse =>
	toResponse(
		"text/javascript; charset=utf-8",
		`"use strict";
const { payment, return: redirectUrl } = document.querySelector("main").dataset;
const goBack = address => {
	const back = document.getElementById("back");
	back.href = address;
	back.hidden = false;
	setTimeout(() => location.assign(address), 3000);
};
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
		if (!response.ok || data.outcome === "failed") return;
		document.querySelector(".pay").remove();
		const address = data.returnUrl || redirectUrl;
		if (address) goBack(address);
	});
`
	);
