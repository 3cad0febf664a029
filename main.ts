import "./scripts/preflight.js"; // first, since the modules below need the right Node
import cluster from "node:cluster";
import { existsSync } from "node:fs";
import { enableCompileCache, flushCompileCache } from "node:module";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { setFlagsFromString } from "node:v8";
import { logError } from "./infrastructure/log-codes";
import { readStartArguments, type StartPlan } from "./infrastructure/start-arguments";
import type * as MoleculerModule from "moleculer";
import type * as ConfigModule from "./moleculer.config";
import type * as BackendsModule from "./infrastructure/backends";
import type * as LivenessModule from "./infrastructure/liveness-file";
import type * as ServiceFilesModule from "./infrastructure/service-files";
import type * as BannerModule from "./scripts/banner";
import type * as DemoModule from "./scripts/demo/load-catalogue";
import type * as DemoOrdersModule from "./scripts/demo/orders";
import type * as SettingsModule from "./settings";
import type * as WorkerPoolModule from "./infrastructure/worker-pool";

// V8's compiled code is kept for the next start, which then needs less time. A folder that can't be written to does no harm.
enableCompileCache(join(process.cwd(), "node_modules/.cache/zjmall/v8"));

/** By what V8 multiplies the size of its young generation when much of it survives; 1 keeps it small, 2 is V8's own. */
const setYoungGrowth = (factor: number) => setFlagsFromString(`--semi-space-growth-factor=${factor}`);
// Most of what a start makes survives it. The young generation would grow for that, and keep 12 MiB that nobody needs later.
setYoungGrowth(1);

/** Ends the program with exit code 1 and one line that says what is wrong. */
function refuse(line: string): never {
	process.stderr.write(`${line}\n`);
	process.exit(1);
}

const reason = (err: unknown) => (err instanceof Error ? err.message : String(err));

/** Refuses a port that can't be used before the broker starts, so that no half-started shop is left behind. */
async function checkPort(variable: string, port: number, host: string): Promise<void> {
	const probe = createServer();
	const error = await new Promise<NodeJS.ErrnoException | null>(resolve => {
		probe.once("error", resolve);
		probe.listen(port, host, () => probe.close(() => resolve(null)));
	});
	if (!error) return;
	refuse(describeListenError(variable, port, host, error));
}

/** The line for an address that can't be listened on, with what to do. */
function describeListenError(
	variable: string,
	port: number,
	host: string,
	error: NodeJS.ErrnoException
): string {
	const { code = "", message } = error;
	const other = `${variable}=${(port + (port < 1024 ? 8000 : 100)) % 65_536} npm start`;
	if (code === "EADDRINUSE")
		return `端口 ${port} 已被占用 / port ${port} can't be used (${code}). ${other}`;
	if (code === "EACCES")
		return `端口 ${port} 需要特权：请在前面放反向代理，或换一个端口 / port ${port} needs privileges (${code}): put a proxy before the shop, or use another port. ${other}`;
	const hostVariable = variable.replace("PORT", "HOST");
	return `${hostVariable}=${host} 不是本机的地址，可用 127.0.0.1 或 0.0.0.0 / ${hostVariable}=${host} is no address of this machine (${code || message}): use 127.0.0.1 or 0.0.0.0`;
}

/** What this process runs, with the whole paths of the files. */
function planStart(all: readonly string[], isEmbedded: boolean): StartPlan {
	const plan = readStartArguments(process.argv.slice(2), all, isEmbedded);
	if (typeof plan === "string") return refuse(plan);
	const files = plan.files.map(file => resolve(file));
	const missing = files.filter(file => !existsSync(file));
	if (missing.length) refuse(`没有这个文件 / no such file: ${missing.join(", ")}`);
	return { names: plan.names, files };
}

/** Loads a module only now: modules read the settings when they are loaded, and wrong settings must end as one line. */
const load = <M>(path: string): M => require(path) as M;

function loadSettings(): SettingsModule.Settings {
	try {
		return load<typeof SettingsModule>("./settings").settings;
	} catch (err) {
		return refuse(`设置有误 / bad setting: ${reason(err)}`);
	}
}

async function openBackends() {
	const { backends } = load<typeof BackendsModule>("./infrastructure/backends");
	try {
		backends.lock("shared");
		await backends.assertDiskSpace();
		await backends.open(undefined, line => process.stderr.write(`${line}\n`));
		return backends;
	} catch (err) {
		return refuse(`无法启动 / can't start: ${reason(err)}`);
	}
}

/** Services that tell payment channels and shoppers where the gateway is. */
const NEED_PUBLIC_URL = ["payments", "sandbox"];

/** A process without a gateway can't know at which address and port the gateway is. */
function checkPublicUrl({ publicUrl }: SettingsModule.Settings, names: readonly string[]): void {
	const needing = NEED_PUBLIC_URL.filter(name => names.includes(name));
	if (publicUrl || names.includes("api") || needing.length === 0) return;
	refuse(
		`PUBLIC_URL 未设置：没有网关的进程运行 ${needing.join("、")} 时需要它，如 http://127.0.0.1:3000 / PUBLIC_URL must be set: a process without the gateway needs it to run ${needing.join(", ")}, such as http://127.0.0.1:3000`
	);
}

async function checkPorts(
	{ port, host, metricsServer, workers }: SettingsModule.Settings,
	hasGateway: boolean
) {
	const servesHttp = hasGateway && port !== 0;
	if (servesHttp && metricsServer?.port === port)
		refuse(`METRICS_PORT 不能与 PORT 相同 / METRICS_PORT must differ from PORT, both are ${port}`);
	if (servesHttp) await checkPort("PORT", port, host);
	for (let n = 0; metricsServer && n < workers; n++)
		await checkPort("METRICS_PORT", metricsServer.port + n, metricsServer.host);
}

/** What differs between the processes of a pool: the metrics' ports follow one another, and the first checks the invariants. */
const envOfWorker =
	({ nodeId, metricsServer }: SettingsModule.Settings) =>
	(n: number): Record<string, string> => ({
		...(nodeId && { NODE_ID: `${nodeId}-${n}` }),
		...(metricsServer && { METRICS_PORT: String(metricsServer.port + n - 1) }),
		...(n > 1 && { CHECK_INVARIANTS_EVERY: "0" })
	});

/** Runs the shop in WORKERS processes, and ends when they have. */
async function runPool(settings: SettingsModule.Settings): Promise<never> {
	const { runWorkerPool } = load<typeof WorkerPoolModule>("./infrastructure/worker-pool");
	const report = (line: string) => process.stderr.write(`${line}\n`);
	const code = await runWorkerPool({ size: settings.workers, envOf: envOfWorker(settings), report });
	return process.exit(code);
}

async function main(): Promise<void> {
	const startedAt = performance.now();
	const settings = loadSettings();
	const { findServiceFiles } = load<typeof ServiceFilesModule>("./infrastructure/service-files");
	const files = findServiceFiles(settings);
	const { names, files: ownServices } = planStart([...files.keys()], !settings.nats);
	checkPublicUrl(settings, names);
	if (cluster.isPrimary) await checkPorts(settings, names.includes("api"));
	if (cluster.isPrimary && settings.workers > 1) return runPool(settings);
	const backends = await openBackends();

	const { ServiceBroker } = load<typeof MoleculerModule>("moleculer");
	const demo = settings.demoCatalogue ? load<typeof DemoModule>("./scripts/demo/load-catalogue") : null;
	const hasAllOfDemo = demo?.DEMO_SERVICES.every(name => names.includes(name)) ?? false;
	// Over a bus the process with the products loads them with the help of the others.
	const loadsDemo = demo !== null && (hasAllOfDemo || (settings.nats && names.includes("products")));
	const broker = new ServiceBroker({
		...load<typeof ConfigModule>("./moleculer.config").default,
		metadata: { lacks: loadsDemo ? [demo.DEMO_CATALOGUE] : [] }
	});
	for (const file of [...names.map(name => files.get(name) ?? ""), ...ownServices])
		broker.loadService(file);
	await broker.start();

	if (loadsDemo) {
		const loads = backends.collection<DemoModule.DemoLoad>("demo_loads");
		const loading = demo.loadDemoCatalogueOnce(broker, loads, async () => {
			if (!settings.demoOrders) return;
			const { DEMO_ORDER_SERVICES, loadDemoOrders } =
				load<typeof DemoOrdersModule>("./scripts/demo/orders");
			const orders = loadDemoOrders(
				broker,
				backends.collection("demo_loads"),
				demo.listCheapDemoSkus()
			);
			const reported = orders.catch((err: unknown) =>
				logError(broker.logger, "DEMO_DATA_NOT_LOADED", { err })
			);
			// Other processes may start later.
			if (DEMO_ORDER_SERVICES.every(name => broker.services.some(service => service.name === name)))
				await reported;
		});
		if (hasAllOfDemo) await loading;
		else loading.catch((err: unknown) => logError(broker.logger, "DEMO_DATA_NOT_LOADED", { err }));
	}
	if (backends.mode === "distributed")
		load<typeof LivenessModule>("./infrastructure/liveness-file").startLivenessFile(settings.dataDir);
	const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
	const { formatBanner } = load<typeof BannerModule>("./scripts/banner");
	const isReplica = cluster.isWorker && cluster.worker?.id !== 1;
	if (!isReplica) process.stdout.write(formatBanner(broker, settings, backends.mode, seconds));
	flushCompileCache();
	setYoungGrowth(2);
	load<typeof WorkerPoolModule>("./infrastructure/worker-pool").sendToPool({ kind: "ready" });
	if (process.stdin.isTTY && cluster.isPrimary) broker.repl();
}

main().catch((err: unknown) => refuse(`启动失败 / could not start: ${reason(err)}`));
