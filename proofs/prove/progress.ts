import { figures, type Verdict } from "./report";
import type { Ledger } from "./history";

const LINE_EVERY_S = 10;

/** Counters while it runs: one line that is rewritten on a terminal, one line every ten seconds elsewhere. */
export function live(ledger: Ledger, forMs: number): () => void {
	const { isTTY } = process.stdout;
	let seconds = 0;
	const timer = setInterval(() => {
		seconds++;
		if (!isTTY && seconds % LINE_EVERY_S !== 0) return;
		const orders = ledger.placings.filter(({ outcome }) => outcome === "ok").length;
		const last = ledger.faults.at(-1);
		const line =
			`${seconds}/${Math.round(forMs / 1000)} s  ok ${ledger.total("ok")}  refused ${ledger.total("refused")}  ` +
			`unknown ${ledger.total("unknown")}  orders ${orders}  faults ${ledger.faults.length}${last ? ` (${last.what})` : ""}  ` +
			`broken promises ${ledger.broken.length}`;
		process.stdout.write(isTTY ? `\r${line}\x1b[K` : `${line}\n`);
	}, 1000);
	return () => {
		clearInterval(timer);
		if (isTTY) process.stdout.write("\n");
	};
}

/** The report as it is printed at the end. */
export function summary(ledger: Ledger, verdict: Verdict): string {
	const { operations, total, faults } = figures(ledger, verdict);
	const row = (cells: readonly (string | number)[]) =>
		cells.map((cell, n) => (n === 0 ? String(cell).padEnd(10) : String(cell).padStart(9))).join("");
	const struck = new Map<string, number[]>();
	for (const { what, recoveredMs } of faults)
		struck.set(what, [...(struck.get(what) ?? []), recoveredMs ?? -1]);
	return [
		row(["operation", "ok", "refused", "unknown", "p50 ms", "p99 ms", "max ms"]),
		...Object.entries(operations).map(([name, { ok, refused, unknown, p50, p99, max }]) =>
			row([name, ok, refused, unknown, p50, p99, max])
		),
		row(["all", total.ok, total.refused, total.unknown]),
		`faults ${faults.length}`,
		...[...struck].map(
			([what, ms]) => `  ${what} ×${ms.length}, to the next order at most ${Math.max(...ms)} ms`
		),
		`at rest after ${verdict.restMs} ms`,
		verdict.invariants.trimEnd(),
		`violations ${verdict.violations.length}`,
		...verdict.violations.slice(0, 50).map(violation => `  ${violation}`)
	].join("\n");
}
