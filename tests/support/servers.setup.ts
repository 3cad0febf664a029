import { isStandIn, STAND_IN } from "./stand-in";
import { prepareSharedShops } from "./shared-shop/shops";
import { startMongo, startNats, startRedis, type Server } from "./servers";

const started: Server[] = [];

/** Uses the servers that the environment names, and starts the others for this run. */
export default async function setUp(): Promise<void> {
	prepareSharedShops();
	const starters = { NATS_URL: startNats, MONGO_URL: startMongo, REDIS_URL: startRedis };
	for (const [name, start] of Object.entries(starters)) {
		if (process.env[name]) continue;
		const server = await start();
		started.push(server);
		process.env[name] = server.url;
	}
	process.env[STAND_IN] = String(await isStandIn(process.env["MONGO_URL"] ?? ""));
}

export const stopStarted = () => Promise.all(started.map(server => server.stop()));
