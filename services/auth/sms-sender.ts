import { Refusal } from "../../schemas/errors/errors";
import type { Ctx } from "../../schemas/kit/service";
import { call } from "../../schemas/registry";
import { settings } from "../../settings";
import { CODE_SECONDS } from "./one-time-code.domain";

export type Sms = {
	readonly phone: string;
	readonly text: string;
	/** The one-time code in the text; null for a notice. */
	readonly code: string | null;
};

/** Sends messages to phones. Rejects a message that the provider did not accept. */
export interface SmsSender {
	send(ctx: Ctx<unknown>, sms: Sms): Promise<void>;
}

export const formatCodeText = (code: string): string =>
	`【zjMall】验证码 ${code}，${CODE_SECONDS / 60} 分钟内有效。请勿告诉他人。`;

export const PHONE_CHANGED_TEXT = "【zjMall】您的账号已改绑其他手机号。如非本人操作，请立即联系客服。";

const sandbox: SmsSender = {
	async send(ctx, sms) {
		await call(ctx, "sandbox.receiveSms", sms);
	}
};

/** Placeholder for the client of an SMS provider; see docs/operations.md. */
const notConfigured: SmsSender = {
	async send() {
		throw new Refusal("SERVICE_UNAVAILABLE", "No SMS provider is set up");
	}
};

export const smsSender: SmsSender = settings.sandbox ? sandbox : notConfigured;
