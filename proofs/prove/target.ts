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

/** What is proved: a shop of its own, which may be harmed, or a deployment, which may not. */
export type Stand = {
	readonly mode: "embedded" | "servers" | "deployment";
	readonly client: Client;
	/** Only of a shop of its own. */
	readonly own: ShopProcess | null;
	readonly servers: Servers | null;
	/** Between the shop and its servers; null where they are not to be harmed. */
	readonly links: Links | null;
	/** Under which `check-invariants` finds the shop's documents; null when they are out of reach. */
	readonly books: Readonly<Record<string, string>> | null;
	readonly end: () => Promise<void>;
};

/** Has a shop load this file, one of the tests' own, before anything else. */
export const loading = (file: string) => ({ NODE_OPTIONS: `-r ${join(ROOT, "proofs", file)}` });

export function deployment(url: string, books: Readonly<Record<string, string>> | null): Stand {
	const client = new Client(url.replace(/\/$/, ""));
	return {
		mode: "deployment",
		client,
		own: null,
		servers: null,
		links: null,
		books,
		end: async () => undefined
	};
}

export async function linksTo({ nats, mongo, redis }: Servers): Promise<Links> {
	return {
		nats: await Link.to(nats.port),
		mongo: await Link.to(mongo.port),
		redis: await Link.to(redis.port)
	};
}

/** Where a shop finds its servers: as they are, or each over its link. */
export const addresses = ({ nats, mongo, redis }: Readonly<Record<keyof Servers, { port: number }>>) => ({
	NATS_URL: `nats://127.0.0.1:${nats.port}`,
	MONGO_URL: `mongodb://127.0.0.1:${mongo.port}`,
	REDIS_URL: `redis://127.0.0.1:${redis.port}`
});

/**
 * Starts a shop in a temporary folder, on real servers if asked to, and then over links that may go bad if it is to be
 * `harmed`; `env` sets more, and may make it another build.
 */
export async function ownShop(
	onServers: boolean,
	env: (dataDir: string) => Readonly<Record<string, string>> = () => ({}),
	{ harmed = false } = {}
): Promise<Stand> {
	const dataDir = mkdtempSync(join(tmpdir(), "zjmall-prove-"));
	const servers = onServers
		? { nats: await startNats(), mongo: await startMongo({ durable: true }), redis: await startRedis() }
		: null;
	const links = servers && harmed ? await linksTo(servers) : null;
	const where = servers ? addresses(servers) : {};
	const own = await ShopProcess.start(
		{ ...where, ...(links && addresses(links)), ...env(dataDir) },
		{ dataDir }
	);
	return {
		mode: servers ? "servers" : "embedded",
		client: own,
		own,
		servers,
		links,
		books: { ...where, DATA_DIR: dataDir, MALL_NAMESPACE: basename(dataDir) },
		async end() {
			await own.remove();
			if (links) await Promise.all(Object.values(links).map(link => link.close()));
			if (servers) await Promise.all(Object.values(servers).map(server => server.stop()));
			rmSync(dataDir, { recursive: true, force: true });
		}
	};
}
