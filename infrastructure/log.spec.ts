import { Writable } from "node:stream";
import pino from "pino";
import { pinoOptions, type Logger } from "./log";

type Line = Record<string, unknown>;

function aLogger() {
	const lines: Line[] = [];
	const stream = new Writable({
		write(chunk, _encoding, done) {
			lines.push(JSON.parse(String(chunk)) as Line);
			done();
		}
	});
	return { logger: pino({ ...pinoOptions, level: "info" }, stream), lines };
}

const cause = Object.assign(new TypeError("the cause"), { code: "ECONNREFUSED", password: "canary" });
const err = Object.assign(new RangeError("out of range", { cause }), {
	code: "E_RANGE",
	params: { smsCode: "canary" }
});

it.each([
	["in an object", (logger: pino.Logger) => logger.error({ err }, "no")],
	["after the text", (logger: pino.Logger) => (logger as unknown as Logger).error("no", err)],
	["by itself", (logger: pino.Logger) => logger.error(err)],
	["of a child", (logger: pino.Logger) => logger.child({ err }).error("no")]
])("writes an error %s with its class, its stack and its cause, without secrets", (_where, log) => {
	const { logger, lines } = aLogger();

	log(logger);

	expect(lines).toMatchObject([
		{
			err: {
				type: "RangeError",
				message: "out of range",
				stack: expect.stringContaining("log.spec"),
				code: "E_RANGE",
				params: { smsCode: "[hidden]" },
				cause: { type: "TypeError", message: "the cause", code: "ECONNREFUSED", password: "[hidden]" }
			}
		}
	]);
	expect(JSON.stringify(lines)).not.toContain("canary");
});

it("writes the errors of an aggregate, and ends at an error that is its own cause", () => {
	const { logger, lines } = aLogger();
	const loop: Error = new AggregateError([new TypeError("one"), new Error("two")], "both");
	loop.cause = loop;

	logger.error({ err: loop }, "no");

	expect(lines).toMatchObject([
		{
			err: {
				type: "AggregateError",
				errors: [{ type: "TypeError", message: "one" }, { message: "two" }],
				cause: { message: "both" }
			}
		}
	]);
});
