import type { RefundRequest, PaymentRequest } from "../payment-channel";

/** The rules that both channels have for requests. A breach is a mistake in the calling code, so it throws before anything is sent. */
export function checkPaymentRequest(request: PaymentRequest): void {
	const { paymentNo, amount, description, expiresAt, scene, openid } = request;
	checkPaymentNo(paymentNo);
	checkFen(amount, "amount");
	if (!description || description.length > 127 || /[/=&\p{Cc}]/u.test(description))
		throw new TypeError("A description has 1 to 127 characters and none of / = &");
	if (Number.isNaN(expiresAt.getTime())) throw new TypeError("expiresAt is no date");
	if ((scene === "jsapi" || scene === "mini") && !openid) throw new TypeError(`${scene} needs an openid`);
}

export function checkRefundRequest({ paymentNo, refundNo, amount, total, reason }: RefundRequest): void {
	checkPaymentNo(paymentNo);
	checkRefundNo(refundNo);
	checkFen(amount, "amount");
	checkFen(total, "total");
	if (amount > total) throw new RangeError("A refund cannot exceed what was paid");
	if (!reason) throw new TypeError("A refund needs a reason");
}

export function checkPaymentNo(paymentNo: string): void {
	if (!/^[0-9A-Za-z_]{6,32}$/.test(paymentNo)) throw new TypeError(`Not a payment number: ${paymentNo}`);
}

export function checkRefundNo(refundNo: string): void {
	if (!/^[0-9A-Za-z_]{1,64}$/.test(refundNo)) throw new TypeError(`Not a refund number: ${refundNo}`);
}

function checkFen(fen: number, name: string): void {
	if (!Number.isSafeInteger(fen) || fen < 1)
		throw new RangeError(`${name} must be a positive integer of fen: ${fen}`);
}

/** Without this check, a URL that cannot be fetched would look like a network failure on every call. */
export function checkBaseUrl(baseUrl: string): void {
	if (!/^https?:$/.test(new URL(baseUrl).protocol) || baseUrl.endsWith("/"))
		throw new TypeError(`A base URL is http(s) and ends without a slash: ${baseUrl}`);
}
