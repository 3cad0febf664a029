import pino from "pino";
import { settings } from "../settings";

/**
 * Moleculer logs text first (`info("text", {a})`), where pino drops the object and the error: they are put first here.
 */
function moveObjectFirst(this: pino.Logger, args: unknown[], method: pino.LogFn): void {
	const [message, ...rest] = args;
	if (typeof message !== "string" || rest.length === 0)
		return method.apply(this, args as Parameters<pino.LogFn>);
	const err = rest.find(x => x instanceof Error);
	const objects = rest.filter(x => typeof x === "object" && x !== null && !(x instanceof Error));
	const words = rest.filter(x => typeof x === "string" || typeof x === "number");
	method.call(this, Object.assign({}, ...objects, err ? { err } : {}), [message, ...words].join(" "));
}

/** Keys whose values never reach a log, at the depths where requests and errors carry them. */
const SECRET = [
	"password",
	"oldPassword",
	"newPassword",
	"smsCode",
	"code",
	"token",
	"refreshToken",
	"accessToken",
	"phone"
];
const redact = {
	paths: [
		...SECRET,
		...SECRET.map(k => `*.${k}`),
		...SECRET.map(k => `*.*.${k}`),
		"*.headers.authorization",
		"ctx",
		"*.ctx"
	],
	censor: "[hidden]"
};

/** What pino is made with, for the broker and for what logs before there is one. JSON lines on standard error's sibling, stdout. */
export const pinoOptions: pino.LoggerOptions = {
	level: settings.logLevel,
	base: null,
	redact,
	hooks: { logMethod: moveObjectFirst }
};

/** Lines that the disk has no room for wait here, so many bytes of them; what comes then is dropped. */
const WAITING_BYTES = 1 << 20;

/** Standard output. A line that can't be written must not end the process: unheard, the error would. */
export const logDestination = pino
	.destination({ dest: 1, sync: true, maxLength: WAITING_BYTES })
	.on("error", () => undefined);
