import type { Purpose } from "../../schemas/auth.contract";
import { Refusal } from "../../schemas/errors";
import type { Ctx } from "../../schemas/kit/service";
import { call } from "../../schemas/registry";
import { settings } from "../../settings";
import { CODE_SECONDS } from "./one-time-code.domain";

export type Sms = {
	readonly phone: string;
	readonly text: string;
	readonly code: string;
	readonly purpose: Purpose;
};

/** The way of a message to a phone. Rejects when it could not be handed over. */
export interface SmsSender {
	send(ctx: Ctx<unknown>, sms: Sms): Promise<void>;
}

export const formatCodeText = (code: string): string =>
	`【zjMall】验证码 ${code}，${CODE_SECONDS / 60} 分钟内有效。请勿告诉他人。`;

const sandbox: SmsSender = {
	async send(ctx, sms) {
		await call(ctx, "sandbox.receiveSms", sms);
	}
};

/** A provider's client takes its place here, once there is a contract with one. */
const none: SmsSender = {
	async send() {
		throw new Refusal("SERVICE_UNAVAILABLE", "No SMS provider is set up");
	}
};

export const smsSender: SmsSender = settings.sandbox ? sandbox : none;
