import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ALERTS } from "../../monitoring/alerts/rules";
import { listRecordings } from "../../monitoring/alerts/objectives";
import { listDashboardQueries } from "../../monitoring/dashboards/dashboards";
import { listMetrics } from "../../monitoring/list-metrics";
import { findMetrics } from "../../monitoring/promql";
import { listFiles } from "../../monitoring/write";
import { ROOT } from "../support/root";

const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
const FOLDERS = ["infrastructure", "middlewares", "mixins", "invariants", "services"];
const sources = FOLDERS.flatMap(folder => globSync(`${folder}/**/*.ts`, { cwd: ROOT }));
const definitions = listMetrics(ROOT);

/** Metrics of calls and of Prometheus itself that queries may use. */
const OTHERS = ["up", "moleculer_request_total", "moleculer_request_error_total", "moleculer_request_time"];
const recordings = listRecordings();
const expressions = [
	...listDashboardQueries(),
	...ALERTS.map(({ name, expression }) => ({ panel: name, expression })),
	...recordings.map(({ record, expr }) => ({ panel: record, expression: expr }))
];

const withoutSuffix = (name: string) =>
	definitions.some(one => one.name === name) ? name : name.replace(/_(bucket|count|sum)$/, "");

it("has the dashboards and rules that `npm run dashboards` writes", () => {
	for (const [path, text] of Object.entries(listFiles())) expect([path, read(path)]).toEqual([path, text]);
	const written = globSync("deploy/grafana/dashboards/*", { cwd: ROOT });
	expect(Object.keys(listFiles())).toEqual(expect.arrayContaining(written));
});

it("queries metrics that exist, in PromQL", () => {
	const known = [
		...definitions.map(({ name }) => name),
		...OTHERS,
		...recordings.map(({ record }) => record)
	];

	for (const { panel, expression } of expressions)
		for (const metric of findMetrics(expression))
			expect([panel, known]).toEqual([panel, expect.arrayContaining([withoutSuffix(metric)])]);
});

it("shows every metric on a dashboard or watches over it by an alert", () => {
	const used = new Set(expressions.flatMap(({ expression }) => findMetrics(expression)).map(withoutSuffix));

	expect(definitions.length).toBeGreaterThan(40);
	expect(definitions.map(({ name }) => name).filter(name => !used.has(name))).toEqual([]);
});

it("defines each metric once, in a file for metrics, with few labels and none that a restart changes", () => {
	const names = definitions.map(({ name }) => name);
	const elsewhere = sources.filter(file => !file.endsWith(".metrics.ts") && /"mall_\w+"/.test(read(file)));

	expect(names).toEqual([...new Set(names)]);
	expect(elsewhere).toEqual([]);
	for (const { name, type, labels } of definitions) {
		expect([name, type === "counter"]).toEqual([name, name.endsWith("_total")]);
		expect([name, Object.keys(labels).length < 4]).toEqual([name, true]);
		expect([name, Object.keys(labels)]).toEqual([
			name,
			expect.not.arrayContaining(["nodeID", "pid", "instance", "userId"])
		]);
	}
});

it("has a chapter of the run-books for each alert, and for no other", () => {
	const chapters = [...read("docs/run-books.md").matchAll(/^### (Mall\w+)$/gm)].map(([, name]) => name);

	expect(chapters.toSorted()).toEqual(ALERTS.map(({ name }) => name).toSorted());
});
