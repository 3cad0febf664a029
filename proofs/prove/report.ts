import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { History, Outcome } from "./history";

export type Verdict = {
	readonly mode: string;
	readonly seed: number;
	readonly mutant: string | null;
	readonly startedAt: string;
	readonly seconds: number;
	readonly restMs: number;
	readonly invariants: string;
	readonly violations: readonly string[];
};

const quantile = (sorted: readonly number[], share: number) =>
	Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);

/** Summarizes the run: operations, faults and violations. Times in ms. */
export function summarize(history: History, verdict: Verdict) {
	const operations = Object.fromEntries(
		[...history.operations].map(([name, { ms, ...counts }]) => {
			const sorted = ms.toSorted((a, b) => a - b);
			return [
				name,
				{
					...counts,
					p50: quantile(sorted, 0.5),
					p99: quantile(sorted, 0.99),
					max: quantile(sorted, 1)
				}
			];
		})
	);
	const total = {
		ok: history.total("ok"),
		refused: history.total("refused"),
		unknown: history.total("unknown")
	};
	return { ...verdict, total, operations, faults: history.faults, perSecond: history.seconds };
}

/** Writes `<name>.json` and `<name>.svg`, and answers their paths. */
export function writeReport(folder: string, name: string, history: History, verdict: Verdict): string[] {
	mkdirSync(folder, { recursive: true });
	const texts = {
		json: JSON.stringify(summarize(history, verdict), null, "\t"),
		svg: drawChart(history, verdict)
	};
	return Object.entries(texts).map(([ending, text]) => {
		const file = join(folder, `${name}.${ending}`);
		writeFileSync(file, `${text}\n`);
		return file;
	});
}

const WIDTH = 960;
const HEIGHT = 320;
const BASE = HEIGHT - 40;
const COLOURS: Readonly<Record<Outcome, string>> = { ok: "#2f7d4f", refused: "#c9a227", unknown: "#c0392b" };

/** Operations per second, stacked by outcome, with a dashed line for each fault. */
function drawChart({ seconds, faults }: History, { mode, seed, mutant, violations }: Verdict): string {
	const most = Math.max(1, ...seconds.map(({ ok, refused, unknown }) => ok + refused + unknown));
	const step = (WIDTH - 60) / Math.max(1, seconds.length);
	const x = (second: number) => (50 + second * step).toFixed(1);
	const bars = seconds.map((counts, second) => {
		let top = BASE;
		return (["ok", "refused", "unknown"] as const)
			.map(outcome => {
				const height = (counts[outcome] / most) * (BASE - 60);
				top -= height;
				return `<rect x="${x(second)}" y="${top.toFixed(1)}" width="${Math.max(0.5, step - 0.5).toFixed(1)}" height="${height.toFixed(1)}" fill="${COLOURS[outcome]}"/>`;
			})
			.join("");
	});
	const marks = faults.map(
		({ what, at: ms }) =>
			`<g><title>${what}</title><line x1="${x(ms / 1000)}" x2="${x(ms / 1000)}" y1="50" y2="${BASE}" stroke="#555" stroke-dasharray="3 3"/></g>`
	);
	const title = `zjMall prove, ${mode}, seed ${seed}${mutant ? `, mutant ${mutant}` : ""}: ${violations.length} violations`;
	const legend = (["ok", "refused", "unknown"] as const).map(
		(outcome, n) =>
			`<rect x="${50 + n * 100}" y="${HEIGHT - 18}" width="10" height="10" fill="${COLOURS[outcome]}"/><text x="${65 + n * 100}" y="${HEIGHT - 9}">${outcome}</text>`
	);
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
		`<title>${title}</title><rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
		`<text x="50" y="24" font-size="15">${title}</text>`,
		`<text x="50" y="42" fill="#555">operations per second; dashed: a fault</text>`,
		`<text x="44" y="64" text-anchor="end">${most}</text><text x="44" y="${BASE}" text-anchor="end">0</text>`,
		...bars,
		...marks,
		`<line x1="50" x2="${WIDTH - 10}" y1="${BASE}" y2="${BASE}" stroke="#333"/>`,
		`<text x="${WIDTH - 10}" y="${BASE + 14}" text-anchor="end">${seconds.length} s</text>`,
		...legend,
		"</svg>"
	].join("\n");
}
