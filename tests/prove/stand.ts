import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Client } from "../harness/shop";
import { startMongo, startNats, startRedis, type Server } from "../harness/servers";
import { ShopProcess } from "../harness/shop-process";

export type Servers = { readonly nats: Server; readonly mongo: Server; readonly redis: Server };

/** What is proved: a shop of its own, which may be harmed, or a deployment, which may not. */
export type Stand = {
	readonly mode: "embedded" | "servers" | "deployment";
	readonly client: Client;
	/** Only of a shop of its own. */
	readonly own: ShopProcess | null;
	readonly servers: Servers | null;
	/** Under which `check-invariants` finds the shop's documents; null when they are out of reach. */
	readonly books: Readonly<Record<string, string>> | null;
	readonly end: () => Promise<void>;
};

/** Has a shop load this file, one of the tests' own, before anything else. */
export const loading = (file: string) => ({ NODE_OPTIONS: `-r ${join(__dirname, "..", file)}` });

export function deployment(url: string, books: Readonly<Record<string, string>> | null): Stand {
	const client = new Client(url.replace(/\/$/, ""));
	return { mode: "deployment", client, own: null, servers: null, books, end: async () => undefined };
}

/** Starts a shop in a temporary folder, on real servers if asked to; `env` sets more, and may make it another build. */
export async function ownShop(
	onServers: boolean,
	env: (dataDir: string) => Readonly<Record<string, string>> = () => ({})
): Promise<Stand> {
	const dataDir = mkdtempSync(join(tmpdir(), "zjmall-prove-"));
	const servers = onServers
		? { nats: await startNats(), mongo: await startMongo({ durable: true }), redis: await startRedis() }
		: null;
	const where: Record<string, string> = servers
		? { NATS_URL: servers.nats.url, MONGO_URL: servers.mongo.url, REDIS_URL: servers.redis.url }
		: {};
	const own = await ShopProcess.start({ ...where, ...env(dataDir) }, { dataDir });
	return {
		mode: servers ? "servers" : "embedded",
		client: own,
		own,
		servers,
		books: { ...where, DATA_DIR: dataDir, MALL_NAMESPACE: basename(dataDir) },
		async end() {
			await own.remove();
			if (servers) await Promise.all(Object.values(servers).map(server => server.stop()));
			rmSync(dataDir, { recursive: true, force: true });
		}
	};
}
