import type { HttpRequest } from "../../../mixins/platform";
import type { SmsKind } from "../../../schemas/values/sms-kinds";

export type TextMessage = {
	/** A mobile number of mainland China, 11 digits. */
	readonly phone: string;
	readonly kind: SmsKind;
	/** The one-time code in the message; null for a notice. */
	readonly code: string | null;
	/** The sentence as the sandbox shows it. Aliyun and Tencent Cloud send the text of their own template. */
	readonly text: string;
};

/**
 * What a provider's answer means. `number`: this phone gets no messages, from no provider. `frequency`: too many messages to
 * this phone. `provider`: anything that another provider may do better (account, template, outage).
 */
export type SmsResult =
	| { readonly outcome: "accepted" }
	| {
			readonly outcome: "refused";
			readonly cause: "number" | "frequency" | "provider";
			/** The provider's error code, for the log. It holds neither phone nor code. */
			readonly reason: string;
	  };

/** An SMS provider's protocol, without I/O: how a message is requested, and what the answer means. */
export interface SmsProvider {
	readonly name: "aliyun" | "tencent" | "webhook";
	/** @param nonce Unguessable and used once. */
	buildRequest(message: TextMessage, now: Date, nonce: string): HttpRequest;
	readReply(status: number, body: string): SmsResult;
}

/** The names of a provider's approved templates. */
export type SmsTemplates = Readonly<Record<SmsKind, string>>;

export const refused = (cause: "number" | "frequency" | "provider", reason: string): SmsResult => ({
	outcome: "refused",
	cause,
	reason
});

/** The fields of a JSON object; none for any other text. */
export function parseObject(text: string): Readonly<Record<string, unknown>> {
	try {
		const value: unknown = JSON.parse(text);
		return asObject(value);
	} catch {
		return {};
	}
}

export const asObject = (value: unknown): Readonly<Record<string, unknown>> =>
	typeof value === "object" && value !== null ? { ...value } : {};

/** An error code as providers write them; anything else could be any text. */
export const readErrorCode = (value: unknown): string | undefined =>
	typeof value === "string" && /^[\w.]{1,80}$/.test(value) ? value : undefined;
