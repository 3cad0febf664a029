import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

type Provider = "aliyun" | "tencent" | "webhook";
/** What a provider does with requests that are signed well: takes the message, answers this code, or never answers. */
type Behaviour = "accept" | "hang" | { readonly status?: number; readonly code: string };
type Message = {
	readonly provider: Provider;
	readonly phone: string;
	readonly code: string;
	template: string;
};

const KEYS = {
	aliyun: "aliyun-key-secret-of-this-test",
	tencent: "tencent-secret-key-of-this-test",
	webhook: "webhook-secret-of-this-test"
} as const;

const sha256 = (content: string) => createHash("sha256").update(content).digest("hex");
const hmac = (key: string | Buffer, content: string) => createHmac("sha256", key).update(content).digest();
const headerLines = (req: IncomingMessage, names: string) =>
	names
		.split(";")
		.map(name => `${name}:${String(req.headers[name])}\n`)
		.join("");

/** Emulates the SMS providers: checks each request's signature as the provider documents it, and its parameters. */
export class SmsServer {
	/** Messages that were taken, the latest last. */
	readonly messages: Message[] = [];
	readonly behaviours: Record<Provider, Behaviour> = {
		aliyun: "accept",
		tencent: "accept",
		webhook: "accept"
	};
	private server: Server | null = null;

	static async start(): Promise<SmsServer> {
		const sms = new SmsServer();
		sms.server = createServer((req, res) => {
			void text(req).then(body => {
				const [provider, message] = sms.receive(req, body);
				const behaviour = sms.behaviours[provider];
				if (behaviour === "hang") return;
				if (message && behaviour === "accept") sms.messages.push(message);
				const code = !message
					? "SignatureDoesNotMatch"
					: behaviour === "accept"
						? "OK"
						: behaviour.code;
				const status =
					typeof behaviour === "object" ? (behaviour.status ?? 200) : message ? 200 : 400;
				res.writeHead(status, { "Content-Type": "application/json" }).end(toAnswer(provider, code));
			});
		});
		await new Promise<void>(listening => sms.server?.listen(0, "127.0.0.1", listening));
		return sms;
	}

	/** The settings of a shop that has its accounts here. */
	env(...providers: readonly Provider[]): Record<string, string> {
		const url = `http://127.0.0.1:${(this.server?.address() as AddressInfo).port}`;
		return {
			SMS_PROVIDERS: providers.join(),
			SMS_ALIYUN_BASE_URL: url,
			SMS_ALIYUN_KEY_ID: "aliyun-key-id",
			SMS_ALIYUN_KEY_SECRET: KEYS.aliyun,
			SMS_ALIYUN_SIGN_NAME: "云'商(城)*!",
			SMS_ALIYUN_TEMPLATES: "login=SMS_2,SMS_1,phone_changed=SMS_9",
			SMS_TENCENT_BASE_URL: url,
			SMS_TENCENT_SECRET_ID: "tencent-secret-id",
			SMS_TENCENT_SECRET_KEY: KEYS.tencent,
			SMS_TENCENT_APP_ID: "1400006666",
			SMS_TENCENT_SIGN_NAME: "云商城",
			SMS_TENCENT_TEMPLATES: "register=11,login=12,10,phone_changed=19",
			SMS_TENCENT_PARAMS: "code,minutes",
			SMS_WEBHOOK_URL: `${url}/hook`,
			SMS_WEBHOOK_SECRET: KEYS.webhook
		};
	}

	async stop(): Promise<void> {
		this.server?.closeAllConnections();
		await new Promise(closed => this.server?.close(closed));
	}

	/** The message of a request; null when its signature is wrong. */
	private receive(req: IncomingMessage, body: string): [Provider, Message | null] {
		if (req.headers["x-acs-action"]) return ["aliyun", readAliyun(req, body)];
		if (req.headers["x-tc-action"]) return ["tencent", readTencent(req, body)];
		return ["webhook", readWebhook(req, body)];
	}
}

function toAnswer(provider: Provider, code: string): string {
	if (provider === "tencent")
		return JSON.stringify({
			Response:
				code === "SignatureDoesNotMatch"
					? { Error: { Code: "AuthFailure.SignatureFailure", Message: "" } }
					: { SendStatusSet: [{ Code: code === "OK" ? "Ok" : code, Message: "" }] }
		});
	return JSON.stringify({ Code: code, Message: "", RequestId: "R" });
}

function readAliyun(req: IncomingMessage, body: string): Message | null {
	const [path = "", query = ""] = (req.url ?? "").split("?");
	const { authorization = "" } = req.headers;
	const [, names = "", signature = ""] = /SignedHeaders=([^,]+),Signature=(\w+)$/.exec(authorization) ?? [];
	const sorted = query.split("&").toSorted().join("&");
	const canonical = [req.method, path, sorted, headerLines(req, names), names, sha256(body)].join("\n");
	const expected = hmac(KEYS.aliyun, `ACS3-HMAC-SHA256\n${sha256(canonical)}`).toString("hex");
	if (signature !== expected || req.headers["x-acs-content-sha256"] !== sha256(body)) return null;
	const params = new URLSearchParams(query);
	const { code } = JSON.parse(params.get("TemplateParam") ?? "{}");
	const template = params.get("TemplateCode") ?? "";
	return { provider: "aliyun", phone: params.get("PhoneNumbers") ?? "", code, template };
}

function readTencent(req: IncomingMessage, body: string): Message | null {
	const { authorization = "" } = req.headers;
	const [, scope = "", names = "", signature = ""] =
		/Credential=[^/]+\/(\S+), SignedHeaders=(\S+), Signature=(\w+)$/.exec(authorization) ?? [];
	const canonical = [req.method, "/", "", headerLines(req, names), names, sha256(body)].join("\n");
	const time = String(req.headers["x-tc-timestamp"]);
	const [day = "", service = ""] = scope.split("/");
	const key = hmac(hmac(hmac(`TC3${KEYS.tencent}`, day), service), "tc3_request");
	const expected = hmac(key, `TC3-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`).toString("hex");
	if (signature !== expected) return null;
	const { PhoneNumberSet, TemplateId, TemplateParamSet } = JSON.parse(body);
	return { provider: "tencent", phone: PhoneNumberSet[0], code: TemplateParamSet[0], template: TemplateId };
}

function readWebhook(req: IncomingMessage, body: string): Message | null {
	const [id, time] = [req.headers["webhook-id"], req.headers["webhook-timestamp"]].map(String);
	const expected = hmac(KEYS.webhook, `${id}.${time}.${body}`).toString("base64");
	if (req.headers["webhook-signature"] !== `v1,${expected}`) return null;
	const { phone, code, kind } = JSON.parse(body).data;
	return { provider: "webhook", phone, code, template: kind };
}
