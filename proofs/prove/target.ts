import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Client } from "../../tests/support/shop";
import { Link } from "../../tests/support/link";
import { startMongo, startNats, startRedis, type Server } from "../../tests/support/servers";
import { ShopProcess } from "../../tests/support/shop-process";
import { ROOT } from "../../tests/support/root";

export type Servers = { readonly nats: Server; readonly mongo: Server; readonly redis: Server };
export type Links = { readonly [K in keyof Servers]: Link };

/** The shop under test: one started for the run, which faults may hit, or a deployment, which is left unharmed. */
export type Target = {
	readonly mode: "embedded" | "servers" | "deployment";
	readonly client: Client;
	/** The process of a shop started for the run. */
	readonly own: ShopProcess | null;
	readonly servers: Servers | null;
	/** TCP proxies between the shop and its servers; null without faults. */
	readonly links: Links | null;
	/** Environment in which `check-invariants` finds the shop's documents; null when they are out of reach. */
	readonly documentsEnv: Readonly<Record<string, string>> | null;
	readonly end: () => Promise<void>;
};

/** Environment that makes a shop load this file of `proofs/` before anything else. */
export const preload = (file: string) => ({ NODE_OPTIONS: `-r ${join(ROOT, "proofs", file)}` });

export function connectToDeployment(
	url: string,
	documentsEnv: Readonly<Record<string, string>> | null
): Target {
	const client = new Client(url.replace(/\/$/, ""));
	return {
		mode: "deployment",
		client,
		own: null,
		servers: null,
		links: null,
		documentsEnv: documentsEnv,
		end: async () => undefined
	};
}

export async function openLinks({ nats, mongo, redis }: Servers): Promise<Links> {
	return {
		nats: await Link.to(nats.port),
		mongo: await Link.to(mongo.port),
		redis: await Link.to(redis.port)
	};
}

/** Environment in which a shop finds its servers, directly or over links. */
export const buildServerEnv = ({
	nats,
	mongo,
	redis
}: Readonly<Record<keyof Servers, { port: number }>>) => ({
	NATS_URL: `nats://127.0.0.1:${nats.port}`,
	MONGO_URL: `mongodb://127.0.0.1:${mongo.port}`,
	REDIS_URL: `redis://127.0.0.1:${redis.port}`
});

/**
 * Starts a shop in a temporary folder, on real servers if asked to, and then over links that may go bad if it is to be
 * `harmed`; `env` sets more, and may make it another build.
 */
export async function startOwnShop(
	onServers: boolean,
	env: (dataDir: string) => Readonly<Record<string, string>> = () => ({}),
	{ harmed: withLinks = false } = {}
): Promise<Target> {
	const dataDir = mkdtempSync(join(tmpdir(), "zjmall-prove-"));
	const servers = onServers
		? { nats: await startNats(), mongo: await startMongo({ durable: true }), redis: await startRedis() }
		: null;
	const links = servers && withLinks ? await openLinks(servers) : null;
	const serverEnv = servers ? buildServerEnv(servers) : {};
	const own = await ShopProcess.start(
		{ ...serverEnv, ...(links && buildServerEnv(links)), ...env(dataDir) },
		{ dataDir }
	);
	return {
		mode: servers ? "servers" : "embedded",
		client: own,
		own,
		servers,
		links,
		documentsEnv: { ...serverEnv, DATA_DIR: dataDir, MALL_NAMESPACE: basename(dataDir) },
		async end() {
			await own.remove();
			if (links) await Promise.all(Object.values(links).map(link => link.close()));
			if (servers) await Promise.all(Object.values(servers).map(server => server.stop()));
			rmSync(dataDir, { recursive: true, force: true });
		}
	};
}
