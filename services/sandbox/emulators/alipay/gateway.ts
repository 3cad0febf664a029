import { createSign, createVerify, type KeyObject } from "node:crypto";

/** The fields of a request, an answer or a notification. */
export type Params = Record<string, string>;

/** An error that the gateway answers to the merchant. */
export class GatewayError extends Error {
	constructor(
		readonly code: string,
		readonly subCode: string,
		message: string
	) {
		super(message);
	}
}

/** Reads query and body as one set of parameters: clients send the common ones in the query and `biz_content` in the body. */
export function readRequest(query: string, rawBody: Buffer): Params {
	const pairs = [...new URLSearchParams(query), ...new URLSearchParams(rawBody.toString())];
	const params: Params = Object.fromEntries(pairs);
	if (Object.keys(params).length !== pairs.length)
		throw new GatewayError("40002", "isv.invalid-parameter", "A parameter is given twice");
	return params;
}

export function readBusinessContent(params: Params): Params {
	try {
		const content: unknown = JSON.parse(params["biz_content"] ?? "");
		if (content && typeof content === "object")
			return Object.fromEntries(Object.entries(content).map(([name, value]) => [name, String(value)]));
	} catch {
		// Invalid JSON is refused below, like any value that is no object.
	}
	throw new GatewayError("40002", "isv.invalid-parameter", "biz_content is no JSON object");
}

/** Empty parameters are not signed. */
export const verifyRequest = ({ sign = "", ...signed }: Params, key: KeyObject): boolean =>
	createVerify("RSA-SHA256")
		.update(
			buildSigningString(Object.fromEntries(Object.entries(signed).filter(([, value]) => value !== "")))
		)
		.verify(key, sign, "base64");

const buildSigningString = (params: Params): string =>
	Object.keys(params)
		.sort()
		.map(name => `${name}=${params[name]}`)
		.join("&");

/** Signs an answer, with slashes escaped as the gateway does. A client that verifies re-serialised JSON instead of these characters fails. */
export function signAnswer(node: string, content: Params, key: KeyObject): string {
	const text = JSON.stringify(content).replaceAll("/", "\\/");
	return `{"${node}":${text},"sign":"${sign(text, key)}"}`;
}

/** Signs a notification's form. `sign` and `sign_type` are in it but not signed. */
export function signForm(params: Params, key: KeyObject): string {
	return String(new URLSearchParams({ ...params, sign_type: "RSA2", sign: signParams(params, key) }));
}

export const signParams = (params: Params, key: KeyObject): string => sign(buildSigningString(params), key);

const sign = (text: string, key: KeyObject) => createSign("RSA-SHA256").update(text).sign(key, "base64");

export function parseYuan(text: string | undefined): number {
	if (!text || !/^\d{1,9}(\.\d{1,2})?$/.test(text) || Number(text) === 0)
		throw new GatewayError("40004", "ACQ.INVALID_PARAMETER", "An amount is invalid");
	return Math.round(Number(text) * 100);
}

const BEIJING = new Intl.DateTimeFormat("sv-SE", {
	timeZone: "Asia/Shanghai",
	dateStyle: "short",
	timeStyle: "medium"
});

export const formatGatewayTime = (at: Date): string => BEIJING.format(at);

/** An invalid date for text that is no time. */
export const parseTime = (text = ""): Date => new Date(`${text} GMT+0800`);
