import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFreePort, Server } from "./local";

const ROOT = process.cwd();
const createFolder = () => mkdtempSync(join(tmpdir(), "zjmall-server-"));

/** A program that a script of this folder builds into the cache, or that the variable names. */
function findProgram(variable: string, path: string, script: string): string {
	const program = process.env[variable] || join(ROOT, "node_modules/.cache/zjmall", path);
	if (existsSync(program)) return program;
	throw new Error(`There is no ${program}: run scripts/servers/${script}, or set ${variable}`);
}

/** Where a started Jaeger takes traces (OTLP over HTTP) and answers questions. */
export type Jaeger = { readonly server: Server; readonly otlpUrl: string; readonly queryUrl: string };

/** Starts Jaeger with the configuration of deploy/, whose variables `variables` sets. */
export async function startJaeger(variables: Readonly<Record<string, string>> = {}): Promise<Jaeger> {
	const program = findProgram("JAEGER", "jaeger/jaeger", "install-jaeger.sh");
	const port = await findFreePort();
	const otlpPort = await findFreePort();
	const assignments = Object.entries({
		JAEGER_HOST: "127.0.0.1",
		JAEGER_QUERY_PORT: String(port),
		JAEGER_GRPC_PORT: String(await findFreePort()),
		JAEGER_OTLP_PORT: String(otlpPort),
		...variables
	}).map(([name, value]) => `${name}=${value}`);
	const queryUrl = `http://127.0.0.1:${port}`;
	const config = join(ROOT, "deploy/jaeger/jaeger.yaml");
	const command = ["env", ...assignments, program, "--config", config] as const;
	const server = await new Server(queryUrl, port, createFolder(), [...command]).start();
	return { server, queryUrl, otlpUrl: `http://127.0.0.1:${otlpPort}` };
}

/** Starts VictoriaLogs, which takes logs by OTLP and answers at `/select/logsql/query`. */
export async function startVictoriaLogs(): Promise<Server> {
	const program = findProgram("VICTORIA_LOGS", "victoria-logs/victoria-logs", "install-collector.sh");
	const port = await findFreePort();
	const dir = createFolder();
	const args = [`-httpListenAddr=127.0.0.1:${port}`, `-storageDataPath=${dir}`];
	return new Server(`http://127.0.0.1:${port}`, port, dir, [program, ...args]).start();
}

/** Starts a collector with the configuration of deploy/, whose variables `variables` sets. It listens nowhere. */
export function spawnCollector(variables: Readonly<Record<string, string>>): ChildProcess {
	const program = findProgram("COLLECTOR", "collector/collector", "install-collector.sh");
	return spawn(program, ["--config", join(ROOT, "deploy/collector/logs.yaml")], {
		stdio: ["ignore", "ignore", "inherit"],
		env: { ...process.env, ...variables }
	});
}
