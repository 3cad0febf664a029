import type { TraceStep } from "../../schemas/traces.contract";
import type { StaffClient } from "./builders";
import { until } from "./until";

/** Reads traces as support staff do. */
export async function readTrace(staff: StaffClient, ref: string): Promise<TraceStep[]> {
	const { body } = await staff.send("GET", `/admin/orders/${ref}/trace`);
	return body.data?.length ? body.data : [];
}

/** Waits until the trace has these steps, since spans are stored in the background. */
export const waitForTrace = (staff: StaffClient, ref: string, ...wanted: string[]): Promise<TraceStep[]> =>
	until<TraceStep[] | null>(`a trace of ${wanted.join(", ")}`, async () => {
		const steps = await readTrace(staff, ref);
		const lines = new Set(steps.map(formatStep));
		return wanted.every(one => lines.has(one)) ? steps : null;
	});

export const formatStep = ({ service, step, event, outcome }: TraceStep): string =>
	[service, step, ...(event === null ? [] : [event]), outcome].join(" ");

export const findPositions = (steps: readonly TraceStep[], ...wanted: string[]): number[] =>
	wanted.map(one => steps.findIndex(step => formatStep(step) === one));
