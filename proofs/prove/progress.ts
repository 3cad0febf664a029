import { summarize, type Verdict } from "./report";
import type { History } from "./history";

const LINE_EVERY_S = 10;

/** Prints the counters while buyers trade: one rewritten line on a terminal, otherwise a line every ten seconds. */
export function showProgress(history: History, forMs: number): () => void {
	const { isTTY } = process.stdout;
	let seconds = 0;
	const timer = setInterval(() => {
		seconds++;
		if (!isTTY && seconds % LINE_EVERY_S !== 0) return;
		const orders = history.orderAttempts.filter(({ outcome }) => outcome === "ok").length;
		const last = history.faults.at(-1);
		const line =
			`${seconds}/${Math.round(forMs / 1000)} s  ok ${history.total("ok")}  refused ${history.total("refused")}  ` +
			`unknown ${history.total("unknown")}  orders ${orders}  faults ${history.faults.length}${last ? ` (${last.what})` : ""}  ` +
			`broken promises ${history.brokenPromises.length}`;
		process.stdout.write(isTTY ? `\r${line}\x1b[K` : `${line}\n`);
	}, 1000);
	return () => {
		clearInterval(timer);
		if (isTTY) process.stdout.write("\n");
	};
}

/** Formats the report that is printed at the end. */
export function formatSummary(history: History, verdict: Verdict): string {
	const { operations, total, faults } = summarize(history, verdict);
	const row = (cells: readonly (string | number)[]) =>
		cells.map((cell, n) => (n === 0 ? String(cell).padEnd(14) : String(cell).padStart(9))).join("");
	const recoveries = new Map<string, number[]>();
	for (const { what, recoveredMs } of faults)
		recoveries.set(what, [...(recoveries.get(what) ?? []), recoveredMs ?? -1]);
	return [
		row(["operation", "ok", "refused", "unknown", "p50 ms", "p99 ms", "max ms"]),
		...Object.entries(operations).map(([name, { ok, refused, unknown, p50, p99, max }]) =>
			row([name, ok, refused, unknown, p50, p99, max])
		),
		row(["all", total.ok, total.refused, total.unknown]),
		`faults ${faults.length}`,
		...[...recoveries].map(
			([what, ms]) => `  ${what} ×${ms.length}, to the next order at most ${Math.max(...ms)} ms`
		),
		`at rest after ${verdict.restMs} ms`,
		verdict.invariants.trimEnd(),
		`violations ${verdict.violations.length}`,
		...verdict.violations.slice(0, 50).map(violation => `  ${violation}`)
	].join("\n");
}
