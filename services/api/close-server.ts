import type { Server } from "node:http";
import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";

const CHECK_CONNECTIONS_EVERY_MS = 25;
const countConnections = (server: Server): Promise<number> =>
	new Promise(resolve => server.getConnections((_err, count) => resolve(count)));

/**
 * Closes a server that answers every request with `Connection: close` by now. For `graceMs` clients leave their connections
 * themselves: closing one in which a request is on its way would reset it. Then idle connections are closed, and running
 * requests get up to `timeoutMs`.
 */
export async function closeServer(
	server: Server,
	{ graceMs, timeoutMs }: { graceMs: number; timeoutMs: number }
): Promise<void> {
	const graceEndsAt = Date.now() + graceMs;
	while (Date.now() < graceEndsAt && (await countConnections(server)) > 0)
		await pause(CHECK_CONNECTIONS_EVERY_MS);
	// After a stall, requests that have arrived are read first: their connections look idle until then.
	for (let turn = 0; turn < 2; turn++) await nextTurn();
	await new Promise<void>(resolve => {
		const idle = setInterval(() => server.closeIdleConnections(), CHECK_CONNECTIONS_EVERY_MS);
		const kill = setTimeout(() => server.closeAllConnections(), timeoutMs);
		server.close(() => {
			clearInterval(idle);
			clearTimeout(kill);
			resolve();
		});
	});
}
