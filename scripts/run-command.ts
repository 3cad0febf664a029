/** Loads a module only now: modules read the settings when they are loaded, and wrong settings must end as one line. */
export const load = <M>(path: string): M => require(path) as M;

/**
 * Runs a command and ends the process: with exit code 0, or the one that the command set, and after an error with one line
 * and exit code 1, or 2 where there is no shop to work on.
 */
export function runCommand(command: () => Promise<void>): void {
	command().then(
		// What was printed to a pipe may still be on its way.
		() => process.stdout.write("", () => process.exit()),
		(err: unknown) => {
			process.stderr.write(`${err instanceof Error ? err.message : String(err)}\n`);
			process.exit(isNoShop(err) ? 2 : 1);
		}
	);
}

const isNoShop = (err: unknown) => err instanceof Error && err.name === "NoShopError";
