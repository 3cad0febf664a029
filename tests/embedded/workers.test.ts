import { isAlive, listPids } from "../../infrastructure/data-folder-lock";
import { findFreePorts } from "../../scripts/servers/local";
import { ShopProcess } from "../support/shop-process";
import { until } from "../support/until";

it("serves one port from several processes, replaces one that was killed, and stops all of them", async () => {
	const port = await findFreePorts(2);
	const shop = await ShopProcess.start({
		...{ NATS_URL: "", MONGO_URL: "", REDIS_URL: "" },
		...{ WORKERS: "2", METRICS_PORT: String(port) }
	});
	const countRequests = async (process: number) => {
		const answer = await fetch(`http://127.0.0.1:${port + process}/metrics`).catch(() => null);
		const counts = (await answer?.text())?.matchAll(/^moleculer_request_total\{.*"api.rest".* (\d+)$/gm);
		return [...(counts ?? [])].reduce((sum, [, count]) => sum + Number(count), 0);
	};
	const sendByNewConnection = () =>
		fetch(`${shop.url}/health/live`, {
			headers: { Connection: "close" },
			signal: AbortSignal.timeout(5_000)
		}).catch(() => null);
	/** Until each process has answered requests of the shared port: every new connection goes to the next one. */
	const bothToServe = async () => {
		await sendByNewConnection();
		return (await countRequests(0)) > 0 && (await countRequests(1)) > 0;
	};
	await until("both processes to serve", bothToServe);
	const before = listPids(shop.dataDir);
	const [killed = 0] = before.filter(pid => pid !== Math.min(...before));

	process.kill(killed, "SIGKILL");
	await until("the killed process to have ended", () => !isAlive(killed));
	const meanwhile = await until("an answer", sendByNewConnection);
	await until("another process to take its place", bothToServe);
	const after = listPids(shop.dataDir).filter(isAlive);
	const code = await shop.end("SIGTERM");
	const left = after.filter(isAlive);
	await shop.remove();

	expect([before.length, after.length, after.includes(killed)]).toEqual([2, 2, false]);
	expect([meanwhile.status, code, left]).toEqual([200, 0, []]);
	expect(shop.output).toContain("has ended (SIGKILL) and starts again");
});
