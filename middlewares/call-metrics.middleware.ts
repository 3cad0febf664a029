import type { Context, Middleware, ServiceBroker } from "moleculer";
import { callMetricsOf, type CallLabels } from "../infrastructure/call-metrics";

type Call = (ctx: Context) => Promise<unknown>;
type Action = { readonly name?: string; readonly service?: { readonly fullName?: string } };

/** Counts and times every call, at its caller (`remote`) and where it is handled (`local`). */
export const callMetricsMiddleware = (): Middleware => ({
	name: "CallMetrics",
	created(broker: ServiceBroker) {
		const metrics = callMetricsOf(broker);
		const countCalls =
			(type: CallLabels["type"]) =>
			(next: Call, { name: action = "", service }: Action): Call => {
				const count = metrics.openAction({ service: service?.fullName ?? "", action, type });
				return ctx => count(ctx.caller ?? "", () => next(ctx));
			};
		// Last of all, around Moleculer's own middlewares: time-outs, full queues and refused parameters are errors as well.
		broker.middlewares.add({
			name: "CallMetrics",
			localAction: countCalls("local"),
			remoteAction: countCalls("remote")
		});
	}
});
