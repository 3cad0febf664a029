import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "./root";

/** A process in another folder, with one service that reacts to facts, started by Moleculer's own runner. */
export function loyalty(folder: string, env: Readonly<Record<string, string>>): ChildProcess {
	const runner = join(ROOT, "node_modules/moleculer/bin/moleculer-runner.js");
	const config = join(ROOT, "moleculer.config.ts");
	const service = join(ROOT, "examples/loyalty.service.ts");
	return spawn(
		process.execPath,
		["-r", join(ROOT, "node_modules/ts-node/register"), runner, "--config", config, service],
		{
			cwd: folder,
			stdio: "ignore",
			env: {
				...process.env,
				TS_NODE_PROJECT: join(ROOT, "tsconfig.json"),
				NODE_ENV: "test",
				DATA_DIR: folder,
				NODE_ID: `loyalty-${process.pid}-${Date.now()}`,
				LOG_LEVEL: "warn",
				...env
			}
		}
	);
}
