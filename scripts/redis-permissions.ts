import { createHash } from "node:crypto";
import { readKeyPrefixes } from "../infrastructure/service-files";
import { printPermissions, productionServices, toPasswordVariable, type ProcessUsers } from "./process-users";

/** What the shop uses of Redis: texts and hashes under known keys, in scripts too. Nothing lists keys or reads other data. */
const COMMANDS = [
	"+@string",
	"+@hash",
	...["del", "unlink", "exists", "expire", "pexpire", "ttl", "pttl"].map(command => `+${command}`),
	...["eval", "evalsha", "script|load", "multi", "exec"].map(command => `+${command}`),
	...["auth", "hello", "ping", "info", "quit", "select", "client|setname"].map(command => `+${command}`)
];

/** Patterns of the keys that these services use. */
export const listKeyPatterns = (services: readonly string[], namespace: string): string[] =>
	services
		.flatMap(name => readKeyPrefixes(productionServices.get(name) ?? ""))
		.map(prefix => `${namespace}:${prefix}*`)
		.toSorted();

/**
 * The lines of Redis' `aclfile` for users by name. Each reaches the keys of its services only, and no channel. The passwords
 * are in the environment; the lines hold their SHA-256. Throws where one is missing.
 */
export function formatAcl(
	users: ProcessUsers,
	namespace: string,
	env: Readonly<Record<string, string | undefined>> = process.env
): string {
	const lines = [...users].map(([user, services]) => {
		const variable = toPasswordVariable("REDIS", user);
		const password = env[variable];
		if (!password) throw new Error(`${variable}: set the password of the user ${user}`);
		const hash = createHash("sha256").update(password).digest("hex");
		const keys = listKeyPatterns(services, namespace).map(pattern => `~${pattern}`);
		return ["user", user, "on", `#${hash}`, "resetchannels", ...keys, "-@all", ...COMMANDS].join(" ");
	});
	return [...lines, ""].join("\n");
}

if (require.main === module) printPermissions(formatAcl);
