import { execFile } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { startMongo, startNats, startRedis, type Server } from "../../scripts/servers/local";
import { aSku, StaffClient, unique } from "../../tests/support/builders";
import { inVersion } from "../../tests/support/other-version";
import { ChannelServer } from "../../tests/support/payments/channel-server";
import { ROOT } from "../../tests/support/root";
import { ShopProcess } from "../../tests/support/shop-process";
import { Shopper } from "../../tests/support/shopper";
import { until } from "../../tests/support/until";

const run = promisify(execFile);
const BUYERS = 4;
/** Orders that must be placed in each phase. */
const ORDERS_A_PHASE = 30;
const PHASE_MS = 120_000;

/** Refusals that a stopping process may cause, after which the same request succeeds. */
const PASSING = new Set([
	"NO_ANSWER",
	"SERVICE_UNAVAILABLE",
	"REQUEST_TIMEOUT",
	"TOO_MANY_REQUESTS",
	"IDEMPOTENCY_IN_PROGRESS"
]);

const print = (line: string) => process.stdout.write(`${line}\n`);

/** The results of the buyers' requests. */
type Seen = {
	/** Ids of placed orders by their key. */
	readonly placed: Map<string, string>;
	readonly paid: string[];
	/** Answers of 400 and above by their code; such a request is sent again under its key. */
	readonly failures: Map<string, number>;
	readonly doubled: string[];
};

/** Orders until `isOver`, at each of the present gateways in turn; every third order is paid. */
async function trade(
	buyers: () => readonly Shopper[],
	{ skuId, channels }: { readonly skuId: string; readonly channels: ChannelServer },
	seen: Seen,
	isOver: () => boolean
) {
	const send = async (request: (buyer: Shopper) => ReturnType<Shopper["send"]>) => {
		for (let attempt = 0; ; attempt++) {
			const present = buyers();
			const buyer = present[attempt % present.length];
			if (!buyer) throw new Error("There is no gateway");
			const reply = await request(buyer).catch(() => null);
			if (reply && reply.status < 400) return reply.body.data;
			const code = reply?.body.code ?? "NO_ANSWER";
			seen.failures.set(code, (seen.failures.get(code) ?? 0) + 1);
			if (attempt > 60) throw new Error(`Tried in vain: ${code} ${JSON.stringify(reply?.body)}`);
			await pause(500);
		}
	};
	for (let n = 0; !isOver(); n++) {
		const key = unique("order-");
		const order = await send(buyer => buyer.tryOrder(skuId, 1, key));
		// The other gateway, if there is one, answers the repeated key by the same order.
		const again = await send(() => (buyers().at(-1) as Shopper).tryOrder(skuId, 1, key));
		if (again.id !== order.id) seen.doubled.push(key);
		seen.placed.set(key, order.id);
		if (n % 3 > 0) continue;
		const payment = await send(buyer =>
			buyer.send(
				"POST",
				"/payments",
				{ orderId: order.id, channel: "wechat", scene: "qr" },
				`pay-${key}`
			)
		);
		await channels.takePayment(payment, { notify: false }); // the shop finds out by asking
		seen.paid.push(order.id);
	}
}

/** Upgrades a trading shop on servers process by process, from the version in `tree` to this one. */
async function upgrade(tree: string): Promise<void> {
	const servers: Server[] = [];
	const urlOf = async (starting: Promise<Server>) => {
		const server = await starting;
		servers.push(server);
		return server.url;
	};
	const dataDir = mkdtempSync(join(tmpdir(), "zjmall-rolling-"));
	const channels = await ChannelServer.start();
	const env = { ...channels.env, NATS_URL: "", MONGO_URL: "", REDIS_URL: "" };
	const processes: ShopProcess[] = [];
	const start = async (services: readonly string[], root: string) => {
		const shop = await ShopProcess.start(env, { services, dataDir, root });
		processes.push(shop);
		return shop;
	};
	const runHere = (script: string, ...args: string[]) =>
		run(process.execPath, ["-r", "ts-node/register", script, ...args], {
			cwd: ROOT,
			env: {
				...process.env,
				...env,
				NODE_ENV: "test",
				DATA_DIR: dataDir,
				MALL_NAMESPACE: basename(dataDir)
			}
		});
	try {
		env.NATS_URL = await urlOf(startNats());
		env.MONGO_URL = await urlOf(startMongo());
		env.REDIS_URL = await urlOf(startRedis());
		const oldWorker = await start(["--except", "api"], tree);
		const oldGateway = await start(["api"], tree);
		await until("the gateway to see every service", () => isReady(oldGateway));
		const staff = new StaffClient(oldGateway, await signIn(() => oldGateway.asAdmin()));
		await staff.mustSend("PUT", "/admin/config/orders.maxUnpaid", { value: 1000 });
		await staff.mustSend("PUT", "/admin/config/inventory.unpaidUnitsPerUser", { value: 100_000 });
		const product = await staff.addProductOnShelf({ skus: [aSku({ price: 500 })] });
		const skuId: string = product.skus[0].id;
		await staff.addStock(skuId, 100_000);
		const token = await signIn(() => oldGateway.asUser());
		const addressId = await new Shopper(oldGateway, token).address();
		const shopperAt = (gateway: ShopProcess) => new Shopper(gateway, token, addressId);

		let buyers = [shopperAt(oldGateway)];
		let isOver = false;
		const seen: Seen = { placed: new Map(), paid: [], failures: new Map(), doubled: [] };
		const trading = Promise.all(
			Array.from({ length: BUYERS }, () =>
				trade(
					() => buyers,
					{ skuId, channels },
					seen,
					() => isOver
				)
			)
		);
		const phase = async (name: string, change: () => Promise<unknown> = async () => undefined) => {
			await change();
			const before = seen.placed.size;
			const enough = () => seen.placed.size >= before + ORDERS_A_PHASE;
			await Promise.race([until(name, enough, PHASE_MS), trading]);
			print(`${name}: ${seen.placed.size} orders, failures ${JSON.stringify([...seen.failures])}`);
		};
		await phase("old version alone");
		await phase("migrated beside the old version", () => runHere("scripts/migrate.ts"));
		await phase("both versions at the edge", async () => {
			const gateway = await start(["api"], ROOT);
			await until("the new gateway to see every service", () => isReady(gateway));
			buyers = [shopperAt(oldGateway), shopperAt(gateway)];
		});
		await phase("old gateway stopped", async () => {
			buyers = buyers.slice(1);
			await oldGateway.end("SIGTERM");
		});
		await phase("both versions work", () => start(["--except", "api"], ROOT));
		await phase("new version alone", () => oldWorker.end("SIGTERM"));
		isOver = true;
		await trading;

		const [buyer] = buyers as [Shopper];
		for (const id of seen.paid)
			await until(
				`order ${id} to be paid`,
				async () => (await buyer.mustSend("GET", `/orders/${id}`)).status === "paid"
			);
		const ids = new Set(seen.placed.values());
		const { stdout } = await until(
			"the invariants to hold",
			() => runHere("invariants/check-invariants.ts", "--full").catch(() => null),
			180_000,
			2_000
		);
		print(stdout);
		print(
			`${ids.size} orders placed, ${seen.doubled.length} doubled, ${seen.paid.length} paid, failures ${JSON.stringify([...seen.failures])}`
		);
		if (seen.doubled.length > 0 || ids.size !== seen.placed.size) throw new Error("An order was doubled");
		const defects = [...seen.failures.keys()].filter(code => !PASSING.has(code));
		if (defects.length > 0)
			throw new Error(`The versions don't understand each other: ${defects.join(", ")}`);
	} finally {
		for (const shop of processes) await shop.remove();
		for (const server of servers) await server.stop();
		await channels.stop();
	}
}

/** Signs in, on a busy machine at a later attempt. */
const signIn = (attempt: () => Promise<string>): Promise<string> =>
	until("a session", () => attempt().catch(() => null), 60_000, 1_000);

const isReady = async (gateway: ShopProcess) => (await gateway.http("GET", "//health/ready")).status === 200;

/** `npm run test:upgrade`: two versions side by side, on servers of its own. Exit code 1 where an order is lost or doubled. */
const commit = process.argv.slice(2).at(-1);
if (commit === undefined) throw new Error("npm run test:upgrade -- <commit>");
inVersion(commit, upgrade).then(
	() => process.exit(),
	(err: unknown) => {
		console.error(err);
		process.exit(1);
	}
);
