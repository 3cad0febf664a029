import { ApiError } from "./platform";

export interface OrderRequest {
	paymentNo: string;
	description: string;
	total: number;
	notifyUrl: string;
	expiresAt: Date;
}

/** The kinds of order by the last part of their path. */
export const ORDER_KINDS = {
	native: { tradeType: "NATIVE", checkOrder: () => ({}) },
	h5: { tradeType: "MWEB", checkOrder: checkScene },
	jsapi: { tradeType: "JSAPI", checkOrder: readPayer },
	app: { tradeType: "APP", checkOrder: () => ({}) }
} as const;
export type OrderKind = keyof typeof ORDER_KINDS;

export interface RefundRequest {
	paymentNo: string;
	refundNo: string;
	refund: number;
	total: number;
	notifyUrl: string | undefined;
}

type Body = Readonly<Record<string, unknown>>;

/** Parses a request's body. The other functions read its fields as the platform's documents define them. */
export function readBody(rawBody: Buffer): Body {
	try {
		return readObject(JSON.parse(rawBody.toString()), "body");
	} catch {
		throw new ApiError(400, "PARAM_ERROR", "The body is no JSON object");
	}
}

export function readOrder(
	body: Body,
	merchant: { appId: string; merchantId: string },
	now: Date
): OrderRequest {
	if (readText(body, "appid") !== merchant.appId || readText(body, "mchid") !== merchant.merchantId)
		throw new ApiError(400, "APPID_MCHID_NOT_MATCH", "appid and mchid do not belong together");
	const expiresAt = new Date(readText(body, "time_expire"));
	if (!(expiresAt > now)) throw new ApiError(400, "PARAM_ERROR", "time_expire has passed");
	return {
		paymentNo: readText(body, "out_trade_no", /^[0-9A-Za-z_|*-]{6,32}$/),
		description: readText(body, "description", /^.{1,127}$/su),
		total: readFen(body["amount"], "total"),
		notifyUrl: readText(body, "notify_url", /^https?:[^?]+$/),
		expiresAt
	};
}

/** H5 alone requires the buyer's address. */
function checkScene(body: Body): object {
	const scene = readObject(body["scene_info"], "scene_info");
	readText(scene, "payer_client_ip");
	readText(readObject(scene["h5_info"], "h5_info"), "type");
	return {};
}

/** JSAPI alone names the buyer. */
function readPayer(body: Body): { openid: string } {
	return { openid: readText(readObject(body["payer"], "payer"), "openid", /^[\w-]{1,128}$/) };
}

export function readRefund(body: Body): RefundRequest {
	if (body["reason"] !== undefined && Buffer.byteLength(readText(body, "reason")) > 80)
		throw new ApiError(400, "PARAM_ERROR", "reason is longer than 80 bytes");
	return {
		paymentNo: readText(body, "out_trade_no"),
		refundNo: readText(body, "out_refund_no", /^[0-9A-Za-z_|*@-]{1,64}$/),
		refund: readFen(body["amount"], "refund"),
		total: readFen(body["amount"], "total"),
		notifyUrl:
			body["notify_url"] === undefined ? undefined : readText(body, "notify_url", /^https?:[^?]+$/)
	};
}

export function readText(body: Body, name: string, pattern = /./): string {
	const value = body[name];
	if (typeof value !== "string" || !pattern.test(value))
		throw new ApiError(400, "PARAM_ERROR", `${name} is invalid`);
	return value;
}

function readFen(amount: unknown, name: string): number {
	const value = readObject(amount, "amount")[name];
	if (typeof value !== "number" || !Number.isInteger(value) || value < 1)
		throw new ApiError(400, "PARAM_ERROR", `amount.${name} is invalid`);
	return value;
}

function readObject(value: unknown, name: string): Body {
	if (typeof value !== "object" || value === null)
		throw new ApiError(400, "PARAM_ERROR", `${name} is no object`);
	return Object.fromEntries(Object.entries(value));
}
