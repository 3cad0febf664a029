import { join } from "node:path";
import {
	findFreePort,
	isListening,
	startMongo,
	startNats,
	startRedis,
	type Place,
	type Server
} from "./local";

/** The usual port of a server, or a free one if another program listens on it. */
const portOr = async (usual: number) => ((await isListening(usual)) ? findFreePort() : usual);
const place = async (name: string, usual: number): Promise<Required<Place>> => ({
	dir: join(process.cwd(), "data/servers", name),
	port: await portOr(usual)
});

/** `npm run servers`: runs the three servers of the distributed mode until Ctrl+C; their data stays in data/servers. */
async function main(): Promise<void> {
	const servers: Server[] = [];
	const stop = async (code: number) => {
		await Promise.all(servers.map(server => server.kill("SIGTERM")));
		process.exit(code);
	};
	for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void stop(0));
	try {
		servers.push(await startNats(await place("nats", 4222)));
		servers.push(await startMongo({ ...(await place("mongo", 27017)), durable: true }));
		servers.push(await startRedis(await place("redis", 6379)));
	} catch (err) {
		process.stderr.write(`${err instanceof Error ? err.message : String(err)}\n`);
		return stop(1);
	}
	const [nats, mongo, redis] = servers;
	process.stdout.write(
		`# 三个服务器已启动 The three servers are running (mongo-java-server stands in for MongoDB). Ctrl+C 停止 to stop
# 在另一个终端运行 Run in another terminal:
export NATS_URL=${nats?.url} MONGO_URL=${mongo?.url} REDIS_URL=${redis?.url}
npm start
`
	);
}

void main();
