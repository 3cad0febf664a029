import { ApiError } from "./wechat.platform";

/** Merchants' request bodies, read field by field as the platform's documents define them. */
export interface OrderRequest {
	paymentNo: string;
	description: string;
	total: number;
	notifyUrl: string;
	expiresAt: Date;
}

export interface RefundRequest {
	paymentNo: string;
	refundNo: string;
	refund: number;
	total: number;
	notifyUrl: string | undefined;
}

type Body = Readonly<Record<string, unknown>>;

export function readBody(rawBody: Buffer): Body {
	try {
		return within(JSON.parse(rawBody.toString()), "body");
	} catch {
		throw new ApiError(400, "PARAM_ERROR", "The body is no JSON object");
	}
}

export function readOrder(
	body: Body,
	merchant: { appId: string; merchantId: string },
	now: Date
): OrderRequest {
	if (text(body, "appid") !== merchant.appId || text(body, "mchid") !== merchant.merchantId)
		throw new ApiError(400, "APPID_MCHID_NOT_MATCH", "appid and mchid do not belong together");
	const expiresAt = new Date(text(body, "time_expire"));
	if (!(expiresAt > now)) throw new ApiError(400, "PARAM_ERROR", "time_expire has passed");
	return {
		paymentNo: text(body, "out_trade_no", /^[0-9A-Za-z_|*-]{6,32}$/),
		description: text(body, "description", /^.{1,127}$/su),
		total: fen(body["amount"], "total"),
		notifyUrl: text(body, "notify_url", /^https?:[^?]+$/),
		expiresAt
	};
}

/** H5 alone needs to know where the buyer is. */
export function checkScene(body: Body): void {
	const scene = within(body["scene_info"], "scene_info");
	text(scene, "payer_client_ip");
	text(within(scene["h5_info"], "h5_info"), "type");
}

export const readRefund = (body: Body): RefundRequest => ({
	paymentNo: text(body, "out_trade_no"),
	refundNo: text(body, "out_refund_no", /^[0-9A-Za-z_|*@-]{1,64}$/),
	refund: fen(body["amount"], "refund"),
	total: fen(body["amount"], "total"),
	notifyUrl: body["notify_url"] === undefined ? undefined : text(body, "notify_url", /^https?:[^?]+$/)
});

export function text(body: Body, name: string, pattern = /./): string {
	const value = body[name];
	if (typeof value !== "string" || !pattern.test(value))
		throw new ApiError(400, "PARAM_ERROR", `${name} is invalid`);
	return value;
}

function fen(amount: unknown, name: string): number {
	const value = within(amount, "amount")[name];
	if (typeof value !== "number" || !Number.isInteger(value) || value < 1)
		throw new ApiError(400, "PARAM_ERROR", `amount.${name} is invalid`);
	return value;
}

function within(value: unknown, name: string): Body {
	if (typeof value !== "object" || value === null)
		throw new ApiError(400, "PARAM_ERROR", `${name} is no object`);
	return Object.fromEntries(Object.entries(value));
}
