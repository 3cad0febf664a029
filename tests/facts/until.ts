/** Resolves once `holds` does; the test's own time-out is the limit. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
	while (!(await holds())) await new Promise(resolve => setTimeout(resolve, 5));
}
