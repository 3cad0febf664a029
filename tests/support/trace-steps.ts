import type { TraceStep } from "../../schemas/traces.contract";
import type { Catalogue } from "./builders";
import { until } from "./until";

/** Reading traces as support does. */
export async function traceOf(staff: Catalogue, ref: string): Promise<TraceStep[]> {
	const { body } = await staff.send("GET", `/admin/orders/${ref}/trace`);
	return body.data?.length ? body.data : [];
}

/** The trace, once it has these steps: spans are kept in the background. */
export const traceWith = (staff: Catalogue, ref: string, ...wanted: string[]): Promise<TraceStep[]> =>
	until<TraceStep[] | null>(
		`a trace of ${wanted.join(", ")}`,
		async () => {
			const steps = await traceOf(staff, ref);
			const lines = new Set(steps.map(line));
			return wanted.every(one => lines.has(one)) ? steps : null;
		},
		20_000
	);

export const line = ({ service, step, event, outcome }: TraceStep): string =>
	[service, step, ...(event === null ? [] : [event]), outcome].join(" ");

export const positions = (steps: readonly TraceStep[], ...wanted: string[]): number[] =>
	wanted.map(one => steps.findIndex(step => line(step) === one));
