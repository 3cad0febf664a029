import { findServiceFiles } from "../infrastructure/service-files";

/** The shop's service files by folder, without the sandbox, which is not for production. */
export const productionServices = findServiceFiles({ sandbox: false });

/** Users of a server by name, with the folders of the services that each one's processes run. */
export type ProcessUsers = ReadonlyMap<string, readonly string[]>;

/** The name of the service in a folder: `deadLetters` of `dead-letters`. */
export const toServiceName = (folder: string): string =>
	folder.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

/** The environment variable that holds a user's password. */
export const toPasswordVariable = (server: "NATS" | "MONGO" | "REDIS", user: string): string =>
	`${server}_PASSWORD_${user.toUpperCase().replaceAll("-", "_")}`;

/** Reads `trade=orders,payments catalogue=products`; without arguments each service has a user of its own. */
function readUsers(args: readonly string[]): ProcessUsers {
	const all = [...productionServices.keys()];
	if (args.length === 0) return new Map(all.map(name => [name, [name]]));
	return new Map(
		args.map(argument => {
			const [, user, list = user] = /^([a-z][a-z-]*)(?:=([a-z,-]+))?$/.exec(argument) ?? [];
			const services = list?.split(",") ?? [];
			const unknown = services.find(name => !all.includes(name));
			if (user === undefined || unknown !== undefined)
				throw new Error(`${argument}: <user>=<service>,<service> of ${all.join(", ")}`);
			return [user, services];
		})
	);
}

/** The command behind `npm run <server>:permissions`: prints what `format` makes for the users of the arguments. */
export function printPermissions(format: (users: ProcessUsers, namespace: string) => string): void {
	try {
		const namespace = process.env["MALL_NAMESPACE"] ?? "zjmall";
		process.stdout.write(format(readUsers(process.argv.slice(2)), namespace));
	} catch (err) {
		process.stderr.write(`${(err as Error).message}\n`);
		process.exit(1);
	}
}
