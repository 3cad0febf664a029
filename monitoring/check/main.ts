/** Runs a shop under load and a real Prometheus beside it, asks every query of dashboards and alerts, and causes alerts. */
import { mkdtempSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { tmpdir } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { findFreePort } from "../../scripts/servers/local";
import { StaffClient } from "../../tests/support/builders";
import { Link } from "../../tests/support/link";
import { ROOT } from "../../tests/support/root";
import { Client } from "../../tests/support/shop";
import { ALERTS } from "../alerts/rules";
import { listRecordings } from "../alerts/objectives";
import { listDashboardQueries } from "../dashboards/dashboards";
import { listMetrics } from "../list-metrics";
import { findMetrics } from "../promql";
import { Alertmanager, PROGRAM as ALERTMANAGER } from "./alertmanager";
import { Load } from "./load";
import { isInstalled, kill, run, startNode, stopAll, waitForAnswer } from "./processes";
import { Prometheus } from "./prometheus";

const RUNNER = "node_modules/moleculer/bin/moleculer-runner.js";
/** Metrics of servers that an embedded shop does not have. */
const NEEDS_SERVER = /mall_mongodb_/;
const LOAD_SECONDS = 15;
const FIRES_WITHIN_MS = 300_000;
/** Alertmanager waits for 10 s, to group what fires together. */
const TOLD_WITHIN_MS = 60_000;

const print = (line: string) => process.stdout.write(`${line}\n`);
const failures: string[] = [];
const fail = (line: string) => {
	failures.push(line);
	print(`  ✗ ${line}`);
};

async function main(): Promise<void> {
	for (const program of ["prometheus", "promtool", ALERTMANAGER])
		if (!isInstalled(program)) {
			print(
				`${program} is not installed: apt-get install -y --no-install-recommends prometheus ${ALERTMANAGER}`
			);
			process.exitCode = 1;
			return;
		}
	const dir = mkdtempSync(join(tmpdir(), "zjmall-monitoring-"));
	try {
		checkFiles();
		await watchShop(dir);
	} finally {
		await stopAll();
		rmSync(dir, { recursive: true, force: true });
	}
	print(failures.length ? `${failures.length} failures` : "All is well");
	process.exitCode = failures.length ? 1 : 0;
}

function checkFiles(): void {
	const folder = join(ROOT, "deploy/prometheus");
	run("promtool", ["check", "config", "prometheus.yml"], folder);
	run("promtool", ["check", "rules", "alerts.yml"], folder);
	run("promtool", ["test", "rules", "alerts.test.yml"], folder);
	print(`promtool: configuration, rules and the tests of ${ALERTS.length} alerts are right`);
}

async function watchShop(dir: string): Promise<void> {
	const [port, metricsPort, brokenPort] = [
		await findFreePort(),
		await findFreePort(),
		await findFreePort()
	];
	// The emulated channels are reached by this address, so that they can go away while the shop stays.
	const channels = await Link.to(port);
	const env = {
		NODE_ENV: "test",
		DATA_DIR: dir,
		MALL_NAMESPACE: basename(dir),
		NATS_URL: "",
		MONGO_URL: "",
		REDIS_URL: "",
		LOG_LEVEL: "silent",
		LIMITS_PER_IP: "off",
		DEMO_CATALOGUE: "off",
		PUBLIC_URL: `http://127.0.0.1:${channels.port}`
	};
	const shop = startNode(["main.ts"], {
		...env,
		PORT: String(port),
		METRICS_PORT: String(metricsPort),
		CHECK_INVARIANTS_EVERY: "2"
	});
	const client = new Client(`http://127.0.0.1:${port}`);
	await waitForAnswer(`${client.url}/health/ready`, shop);
	const broken = startNode(
		[RUNNER, "--config", "moleculer.config.ts", "monitoring/check/broken.service.ts"],
		{ ...env, METRICS_PORT: String(brokenPort) }
	);
	await waitForAnswer(`http://127.0.0.1:${brokenPort}/metrics`, broken);
	const alertmanager = await Alertmanager.start(join(dir, "alertmanager"));
	const prometheus = await Prometheus.start(
		join(dir, "prometheus"),
		[metricsPort, brokenPort],
		alertmanager.port
	);
	const load = new Load(client, new StaffClient(client, await client.asAdmin()));
	await load.prepare();
	const paidAt = Date.now();
	await load.trade(LOAD_SECONDS);
	await pause(3_000); // the last scrapes
	await checkQueries(prometheus, env.MALL_NAMESPACE);
	await checkLabels(prometheus, env.MALL_NAMESPACE, [shop.pid, broken.pid]);

	print("Causing alerts:");
	const forgedAt = Date.now();
	await load.forgeNotifications(15);
	await expectAlert(prometheus, "MallPaymentNotificationsRejected", "forged notifications", forgedAt);
	const cutAt = Date.now();
	await channels.close();
	const cut = { over: false };
	const paying = load.pay("alipay", () => cut.over);
	const death = expectAlert(
		prometheus,
		"MallDeadLetters",
		"a service that can't handle a fact",
		paidAt
	).then(async () => {
		const killedAt = Date.now();
		await kill(broken);
		await expectAlert(prometheus, "MallProcessDown", "kill -9 of a process", killedAt);
	});
	await Promise.all([
		death,
		expectAlert(prometheus, "MallPaymentsNotBegun", "a channel that is away", cutAt),
		expectAlert(prometheus, "MallAvailabilityBurnsFast", "a channel that is away", cutAt)
	]);
	cut.over = true;
	await paying;
	const told = ["MallPaymentNotificationsRejected", "MallPaymentsNotBegun", "MallDeadLetters"];
	const missing = () => told.filter(alert => !alertmanager.sent.has(alert));
	for (const deadline = Date.now() + TOLD_WITHIN_MS; missing().length && Date.now() < deadline;)
		await pause(200);
	for (const alert of missing()) fail(`Alertmanager has not sent ${alert}`);
	print(`Alertmanager sent ${[...alertmanager.sent].join(", ")}`);
}

/** Every query must be PromQL, and must find data unless it compares, or needs a server. */
async function checkQueries(prometheus: Prometheus, namespace: string): Promise<void> {
	const fill = (query: string) =>
		query.replaceAll("$__rate_interval", "30s").replaceAll("$namespace", namespace);
	const queries = [
		...listDashboardQueries(),
		...listRecordings().map(({ record, expr }) => ({ panel: record, expression: expr }))
	];
	for (const { panel, expression } of queries)
		if ((await prometheus.count(fill(expression))) === 0 && !mayBeEmpty(expression))
			fail(`${panel}: no data for ${expression}`);
	for (const { name, expression } of ALERTS) {
		await prometheus.count(expression);
		for (const metric of findMetrics(expression))
			if ((await prometheus.count(metric)) === 0) fail(`${name}: no data for ${metric}`);
	}
	for (const { name, type } of listMetrics(ROOT))
		if (
			(await prometheus.count(type === "histogram" ? `${name}_count` : name)) === 0 &&
			!mayBeEmpty(name)
		)
			fail(`${name} is not shown by any process`);
	print(
		`Prometheus: ${queries.length} queries of dashboards and objectives, ${ALERTS.length} alerts asked`
	);
}

const mayBeEmpty = (expression: string) => NEEDS_SERVER.test(expression);

/** A label with a process id would begin new series with every restart. */
async function checkLabels(
	prometheus: Prometheus,
	namespace: string,
	pids: readonly (number | undefined)[]
): Promise<void> {
	const values = [...(await prometheus.listLabelValues(namespace))];
	for (const pid of pids)
		for (const value of values)
			if (new RegExp(`(^|\\D)${pid}($|\\D)`).test(value))
				fail(`A label has the process id ${pid}: ${value}`);
}

async function expectAlert(
	prometheus: Prometheus,
	alert: string,
	cause: string,
	since: number
): Promise<void> {
	const deadline = Date.now() + FIRES_WITHIN_MS;
	while (!(await prometheus.isFiring(alert))) {
		if (Date.now() > deadline) return fail(`${alert} does not fire after ${cause}`);
		await pause(200);
	}
	print(`  ${alert} fired ${((Date.now() - since) / 1000).toFixed(0)} s after ${cause}`);
}

void main()
	.catch((err: unknown) => {
		print(err instanceof Error ? (err.stack ?? err.message) : String(err));
		process.exitCode = 1;
	})
	.then(() => process.exit()); // whatever still listens
