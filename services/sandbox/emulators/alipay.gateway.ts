import { createSign, createVerify, type KeyObject } from "node:crypto";

/** The gateway's side of Alipay's writing: reading signed requests, signing answers and notifications. */
export type Params = Record<string, string>;

export class GatewayError extends Error {
	constructor(
		readonly code: string,
		readonly subCode: string,
		message: string
	) {
		super(message);
	}
}

/** Query and body are one set of parameters: clients put the common ones in the query and `biz_content` in the body. */
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
		// as good as none
	}
	throw new GatewayError("40002", "isv.invalid-parameter", "biz_content is no JSON object");
}

/** The gateway does not sign empty parameters. */
export const verifyRequest = ({ sign = "", ...signed }: Params, key: KeyObject): boolean =>
	createVerify("RSA-SHA256")
		.update(canonical(Object.fromEntries(Object.entries(signed).filter(([, value]) => value !== ""))))
		.verify(key, sign, "base64");

const canonical = (params: Params): string =>
	Object.keys(params)
		.sort()
		.map(name => `${name}=${params[name]}`)
		.join("&");

/** Slashes are escaped as the gateway escapes them: who verifies JSON written anew instead of these characters fails. */
export function signedAnswer(node: string, content: Params, key: KeyObject): string {
	const text = JSON.stringify(content).replaceAll("/", "\\/");
	return `{"${node}":${text},"sign":"${signature(text, key)}"}`;
}

/** A notification's form: `sign` and `sign_type` stand in it but are not signed. */
export function signedForm(params: Params, key: KeyObject): string {
	return String(
		new URLSearchParams({ ...params, sign_type: "RSA2", sign: signature(canonical(params), key) })
	);
}

const signature = (text: string, key: KeyObject) => createSign("RSA-SHA256").update(text).sign(key, "base64");

export const yuan = (fen: number): string => (fen / 100).toFixed(2);

export function fenOf(text: string | undefined): number {
	if (!text || !/^\d{1,9}(\.\d{1,2})?$/.test(text) || Number(text) === 0)
		throw new GatewayError("40004", "ACQ.INVALID_PARAMETER", "An amount is invalid");
	return Math.round(Number(text) * 100);
}

const BEIJING = new Intl.DateTimeFormat("sv-SE", {
	timeZone: "Asia/Shanghai",
	dateStyle: "short",
	timeStyle: "medium"
});

export const gatewayTime = (at: Date): string => BEIJING.format(at);

/** NaN when it is no time. */
export const fromGatewayTime = (text = ""): Date => new Date(`${text} GMT+0800`);
