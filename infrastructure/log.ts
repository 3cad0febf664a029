import pino from "pino";
import { settings } from "../settings";
import { hideSensitive } from "./hide-sensitive";
import { tracing } from "./opentelemetry/tracing";

/** The logging methods that the infrastructure and services use; Moleculer's loggers have them. */
export type Logger = Record<"info" | "warn" | "error" | "debug", (...args: unknown[]) => void>;

/** Moleculer passes the text first (`info("text", { a })`), and pino would drop the object or error after it. */
function moveObjectFirst(this: pino.Logger, args: unknown[], method: pino.LogFn): void {
	const [message, ...rest] = args;
	if (typeof message !== "string" || rest.length === 0)
		return method.apply(this, args as Parameters<pino.LogFn>);
	const err = rest.find(x => x instanceof Error);
	const objects = rest.filter(x => typeof x === "object" && x !== null && !(x instanceof Error));
	const words = rest.filter(x => typeof x === "string" || typeof x === "number");
	method.call(this, Object.assign({}, ...objects, err ? { err } : {}), [message, ...words].join(" "));
}

/** Pino's options for the broker's logger, and for logging before there is a broker: JSON lines. */
export const pinoOptions: pino.LoggerOptions = {
	level: settings.logLevel,
	base: null,
	formatters: { log: hideSensitive },
	// `hideSensitive` has copied an error with its class already; pino's own serializer would call the copy an `Object`.
	serializers: { err: (err: unknown) => (err instanceof Error ? hideSensitive({ err })["err"] : err) },
	...(tracing && { mixin: tracing.describeActiveSpan }),
	hooks: { logMethod: moveObjectFirst }
};

/** Lines that can't be written (disk full) are buffered up to this size; further lines are dropped. */
const MAX_BUFFERED_BYTES = 1 << 20;

/** Standard output. The error listener keeps a line that can't be written from ending the process. */
export const logDestination = pino
	.destination({ dest: 1, sync: true, maxLength: MAX_BUFFERED_BYTES })
	.on("error", () => undefined);
