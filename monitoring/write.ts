import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { formatRules, formatRuleTests } from "./alerts/rules";
import { formatDashboards } from "./dashboards/dashboards";

const DASHBOARDS = "deploy/grafana/dashboards";

/** The files that are made of the code in this folder, by path. */
export const listFiles = (): Record<string, string> => ({
	"deploy/prometheus/alerts.yml": formatRules(),
	"deploy/prometheus/alerts.test.yml": formatRuleTests(),
	...Object.fromEntries(
		Object.entries(formatDashboards()).map(([name, text]) => [join(DASHBOARDS, name), text])
	)
});

if (require.main === module) {
	const files = listFiles();
	mkdirSync(DASHBOARDS, { recursive: true });
	for (const name of readdirSync(DASHBOARDS)) rmSync(join(DASHBOARDS, name));
	for (const [path, text] of Object.entries(files)) {
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, text);
		process.stdout.write(`${path}\n`);
	}
}
