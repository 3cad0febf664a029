import type { Report, Spread } from "./measure-operations";
import { OPERATIONS } from "./operations";

const BAR_HEIGHT = 18;
const ROW_HEIGHT = 26;
const LABEL_WIDTH = 210;
const CHART_WIDTH = 420;
const WIDTH = LABEL_WIDTH + CHART_WIDTH + 90;

type Bar = { readonly label: string; readonly spread: Spread; readonly own: boolean };

/** The report as an SVG image: a bar for the CPU milliseconds of each operation, on a logarithmic scale. */
export function drawChart(report: Report): string {
	const bars: Bar[] = OPERATIONS.flatMap(({ name }) => {
		const spread = report.operations[name];
		return spread ? [{ label: name, spread, own: true }] : [];
	});
	for (const [name, { detail, list }] of Object.entries(report.ceilings)) {
		bars.push({ label: `${name}, detail's bytes`, spread: detail, own: false });
		bars.push({ label: `${name}, list's bytes`, spread: list, own: false });
	}
	bars.push({ label: "floor of a checkout's writes", spread: report.writeFloor, own: false });
	const medians = bars.map(({ spread }) => spread.median);
	const [low, high] = [Math.min(...medians) / 2, Math.max(...medians)];
	const widthOf = (ms: number) => (CHART_WIDTH * Math.log(ms / low)) / Math.log(high / low);
	const rows = bars.map(({ label, spread, own }, n) => {
		const y = 40 + n * ROW_HEIGHT;
		const width = widthOf(spread.median);
		const text = y + BAR_HEIGHT - 5;
		return [
			`<text x="${LABEL_WIDTH - 8}" y="${text}" text-anchor="end">${label}</text>`,
			`<rect x="${LABEL_WIDTH}" y="${y}" width="${width.toFixed(1)}" height="${BAR_HEIGHT}" fill="${own ? "#c0392b" : "#7f8c8d"}"/>`,
			`<text x="${(LABEL_WIDTH + width + 6).toFixed(1)}" y="${text}">${spread.median.toFixed(spread.median < 1 ? 3 : 2)}</text>`
		].join("\n");
	});
	const height = 50 + bars.length * ROW_HEIGHT;
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
		`<rect width="100%" height="100%" fill="#ffffff"/>`,
		`<text x="8" y="22" font-size="14">CPU milliseconds per operation, embedded (logarithmic scale)</text>`,
		...rows,
		"</svg>",
		""
	].join("\n");
}
