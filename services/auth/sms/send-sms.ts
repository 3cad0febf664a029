import { randomUUID } from "node:crypto";
import { exchangeHttp } from "../../../mixins/platform";
import { invalid, Refusal } from "../../../schemas/errors/errors";
import type { Ctx } from "../../../schemas/kit/service";
import { call } from "../../../schemas/registry";
import { settings } from "../../../settings";
import type { AuthContext } from "../auth.context";
import { CODE_SECONDS, SMS_INTERVAL_SECONDS } from "../one-time-code.domain";
import { aliyunSms } from "./protocol/aliyun";
import { tencentSms } from "./protocol/tencent";
import { webhookSms } from "./protocol/webhook";
import { refused, type SmsProvider, type SmsResult, type TextMessage } from "./sms-provider";

type Sender = Pick<AuthContext, "metrics" | "logger">;

/** All providers together, so that the answer comes before the gateway's call of `auth.sendCode` times out. */
const TIMEOUT_MS = settings.requestTimeoutMs * 0.4;
const MAX_BYTES = 64 * 1024;

function createProvider(account: (typeof settings.sms)[number]): SmsProvider {
	switch (account.provider) {
		case "aliyun":
			return aliyunSms(account);
		case "tencent":
			return tencentSms(account);
		case "webhook":
			return webhookSms(account);
	}
}

const providers = settings.sms.map(createProvider);

export const formatCodeText = (code: string): string =>
	`【zjMall】验证码 ${code}，${CODE_SECONDS / 60} 分钟内有效。请勿告诉他人。`;

export const PHONE_CHANGED_TEXT = "【zjMall】您的账号已改绑其他手机号。如非本人操作，请立即联系客服。";

/** Refuses with NOT_CONFIGURED in a shop that can send no message. */
export function assertSmsIsConfigured(): void {
	if (providers.length === 0 && !settings.sandbox)
		throw new Refusal("NOT_CONFIGURED", "No SMS provider is set up (SMS_PROVIDERS)", { missing: "sms" });
}

/**
 * Sends a message by the first provider that takes it, in the order of SMS_PROVIDERS; without one it goes to the sandbox. Refuses
 * with VALIDATION_ERROR for a phone that gets no messages, TOO_MANY_REQUESTS for one that got too many, else with
 * SERVICE_UNAVAILABLE. A provider that does not answer in time may have sent the message, and then the phone gets two, with
 * one code.
 */
export async function sendSms(context: Sender, ctx: Ctx<unknown>, message: TextMessage): Promise<void> {
	if (providers.length === 0) {
		assertSmsIsConfigured();
		const { phone, text, code } = message;
		await call(ctx, "sandbox.receiveSms", { phone, text, code });
		return;
	}
	const deadline = performance.now() + TIMEOUT_MS;
	for (const [tried, provider] of providers.entries()) {
		const timeoutMs = Math.max(
			1,
			Math.round((deadline - performance.now()) / (providers.length - tried))
		);
		const result = await askProvider(provider, message, timeoutMs);
		context.metrics.sms({ provider: provider.name, outcome: result.outcome });
		if (result.outcome === "accepted") return;
		const { cause, reason } = result;
		context.logger.warn({ provider: provider.name, reason }, "An SMS provider did not take a message");
		if (cause === "number") throw invalid("phone", "unreachable");
		if (cause === "frequency")
			throw new Refusal("TOO_MANY_REQUESTS", "Too many messages to this phone", {
				retryAfter: SMS_INTERVAL_SECONDS
			});
	}
	throw new Refusal("SERVICE_UNAVAILABLE", "No SMS provider took the message", {
		retryAfter: SMS_INTERVAL_SECONDS
	});
}

/** Never logs the request or its URL: they hold the phone and the code. */
async function askProvider(
	provider: SmsProvider,
	message: TextMessage,
	timeoutMs: number
): Promise<SmsResult> {
	const request = provider.buildRequest(message, new Date(), randomUUID());
	const reply = await exchangeHttp(request, { timeoutMs, maxBytes: MAX_BYTES });
	return "failure" in reply
		? refused("provider", reply.failure)
		: provider.readReply(reply.status, reply.body.toString());
}
