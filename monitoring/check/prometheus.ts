import type { ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { findFreePort } from "../../scripts/servers/local";
import { ROOT } from "../../tests/support/root";
import { start, waitForAnswer } from "./processes";

type Sample = { readonly metric: Readonly<Record<string, string>> };
type FiringAlert = { readonly labels: Readonly<Record<string, string>>; readonly state: string };

/** A real Prometheus with the shop's rules that scrapes these ports every second and tells an Alertmanager. */
export class Prometheus {
	private constructor(
		private readonly url: string,
		readonly child: ChildProcess
	) {}

	static async start(
		dir: string,
		targets: readonly number[],
		alertmanagerPort: number
	): Promise<Prometheus> {
		mkdirSync(dir, { recursive: true });
		const rules = readFileSync(join(ROOT, "deploy/prometheus/alerts.yml"), "utf8");
		writeFileSync(join(dir, "alerts.yml"), rules.replace("interval: 30s", "interval: 1s"));
		const config = {
			global: { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" },
			rule_files: ["alerts.yml"],
			alerting: {
				alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${alertmanagerPort}`] }] }]
			},
			scrape_configs: [
				{
					job_name: "zjmall",
					static_configs: [{ targets: targets.map(port => `127.0.0.1:${port}`) }]
				}
			]
		};
		writeFileSync(join(dir, "prometheus.yml"), stringify(config));
		const port = await findFreePort();
		const child = start("prometheus", [
			`--config.file=${join(dir, "prometheus.yml")}`,
			`--storage.tsdb.path=${join(dir, "data")}`,
			`--web.listen-address=127.0.0.1:${port}`,
			"--log.level=error"
		]);
		const url = `http://127.0.0.1:${port}`;
		await waitForAnswer(`${url}/-/ready`, child);
		return new Prometheus(url, child);
	}

	/** The number of series that the expression finds now; throws where it is no PromQL. */
	async count(expression: string): Promise<number> {
		const { result } = await this.get<{ result: unknown[] }>("query", { query: expression });
		return result.length;
	}

	/** The label values of all series of the namespace. */
	async listLabelValues(namespace: string): Promise<Set<string>> {
		const found = await this.get<Sample["metric"][]>("series", {
			"match[]": `{namespace="${namespace}"}`
		});
		return new Set(found.flatMap(metric => Object.values(metric)));
	}

	async isFiring(alert: string): Promise<boolean> {
		const { alerts } = await this.get<{ alerts: FiringAlert[] }>("alerts", {});
		return alerts.some(({ labels, state }) => labels["alertname"] === alert && state === "firing");
	}

	private async get<T>(path: string, query: Record<string, string>): Promise<T> {
		const response = await fetch(`${this.url}/api/v1/${path}?${new URLSearchParams(query).toString()}`);
		const { status, data, error } = (await response.json()) as {
			status: string;
			data: T;
			error?: string;
		};
		if (status !== "success") throw new Error(`${JSON.stringify(query)}: ${error}`);
		return data;
	}
}
