import { extname } from "node:path";

/**
 * Arguments with which `node` loads a source file of the shop in a child process: what this process itself was told to load
 * first (`-r`), or ts-node. None for compiled files.
 */
export function childLoaderArguments(): string[] {
	if (extname(__filename) !== ".ts") return [];
	const own = process.execArgv.flatMap((argument, n, all) =>
		argument === "-r" ? [argument, all[n + 1] ?? ""] : []
	);
	return own.length > 0 ? own : ["-r", require.resolve("ts-node/register")];
}
