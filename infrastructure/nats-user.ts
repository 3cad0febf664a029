/**
 * The user of the addresses, if its name can be part of a subject. Then answers come to subjects that begin with it, so that
 * permissions can keep other users from reading them (\`npm run nats:permissions\`).
 */
export function findNatsUser(servers: readonly string[]): string | undefined {
	const found = servers.map(server => new URL(server)).find(({ username }) => username);
	return found?.password && /^[\w-]+$/.test(found.username) ? found.username : undefined;
}
