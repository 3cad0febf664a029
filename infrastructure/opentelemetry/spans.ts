import {
	context,
	propagation,
	ROOT_CONTEXT,
	SpanStatusCode,
	trace,
	TraceFlags,
	type Context,
	type Span,
	type SpanOptions
} from "@opentelemetry/api";
import { ATTR_ERROR_TYPE } from "@opentelemetry/semantic-conventions";
import { DuplicateKey } from "../documents/collection";

export const getTracer = () => trace.getTracer("zjmall");

const isSampled = (span: Span | undefined): span is Span =>
	span !== undefined && (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0;

/** The context of a W3C `traceparent`; one that is missing or malformed begins a new trace. */
export const parseTraceparent = (traceparent: unknown): Context =>
	typeof traceparent === "string" ? propagation.extract(ROOT_CONTEXT, { traceparent }) : ROOT_CONTEXT;

/** The W3C `traceparent` of a span. */
export function formatTraceparent(span: Span): string {
	const carrier: { traceparent?: string } = {};
	propagation.inject(trace.setSpan(ROOT_CONTEXT, span), carrier);
	return carrier.traceparent ?? "";
}

/** The W3C `traceparent` of the active span; undefined where nothing is traced. */
export function formatActiveTraceparent(): string | undefined {
	const active = trace.getActiveSpan();
	return isSampled(active) ? formatTraceparent(active) : undefined;
}

/** Runs work in a span of a parent that is known, and ends the span with it. */
export async function runInSpan<R>(
	name: string,
	options: SpanOptions,
	parent: Context,
	work: (span: Span) => Promise<R>
): Promise<R> {
	const span = getTracer().startSpan(name, options, parent);
	try {
		return await context.with(trace.setSpan(parent, span), work, undefined, span);
	} catch (err) {
		recordFailure(span, err);
		throw err;
	} finally {
		span.end();
	}
}

/** Runs work in a child of the parent's span; without such a span, or where its trace is not sampled, in none. */
export function runInChildSpan<R>(
	name: string,
	options: SpanOptions,
	work: (span?: Span) => Promise<R>,
	parent = context.active()
): Promise<R> {
	return isSampled(trace.getSpan(parent)) ? runInSpan(name, options, parent, work) : work();
}

/** Sets the type of an error, never its message, which may hold personal data. A refusal of the caller is no failure of the span. */
export function recordFailure(span: Span, err: unknown): void {
	const { code, type, name } = toErrorFields(err);
	span.setAttribute(ATTR_ERROR_TYPE, typeof type === "string" && type ? type : (name ?? "error"));
	const isRefusal = typeof code === "number" && code >= 400 && code < 500;
	if (!isRefusal && !(err instanceof DuplicateKey)) span.setStatus({ code: SpanStatusCode.ERROR });
}

const toErrorFields = (err: unknown) =>
	(err instanceof Error ? err : {}) as { code?: unknown; type?: unknown; name?: string };
