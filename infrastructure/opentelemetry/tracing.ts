import { settings } from "../../settings";
import type * as StartModule from "./start-tracing";

/**
 * The OpenTelemetry traces of this process; null without OTEL_EXPORTER_OTLP_ENDPOINT, when its SDK is not even loaded. An
 * HTTP request begins a trace, and so a sweep or a poll is part of none.
 */
export const tracing: StartModule.Tracing | null =
	settings.openTelemetry &&
	(require("./start-tracing") as typeof StartModule).startTracing(settings.openTelemetry);
