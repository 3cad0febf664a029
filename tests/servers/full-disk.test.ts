import { join } from "node:path";
import { Trade } from "../support/trade-through-faults";
import { startNats, startRedis, type Server } from "../support/servers";
import { ShopProcess } from "../support/shop-process";
import { describeOnSmallDisk, SmallDisk } from "../support/small-disk";
import { until } from "../support/until";

const USER = { phone: "13900000000", password: "Mall-user-1" };

describeOnSmallDisk("a shop whose NATS and Redis have a full disk", () => {
	let disk: SmallDisk;
	let nats: Server;
	let redis: Server;
	let shop: ShopProcess;
	let env: Record<string, string>;
	beforeAll(async () => {
		disk = SmallDisk.mount(32);
		nats = await startNats({ dir: join(disk.path, "nats") });
		redis = await startRedis({ dir: join(disk.path, "redis") });
		env = { NATS_URL: nats.url, REDIS_URL: redis.url };
		shop = await ShopProcess.start(env);
	});
	afterAll(async () => {
		disk.unmount();
		await shop.remove();
		await nats.stop();
		await redis.stop();
	});

	it("takes orders all the same, and publishes their facts once there is room", async () => {
		const trade = await Trade.open(shop);
		const signIn = () => shop.http("POST", "/auth/login", { body: USER });

		await trade.during(async () => {
			await trade.goesOn(10);
			disk.fill();
			await until("facts to wait", () => shop.output.includes("Facts wait in their outbox"));
			await trade.goesOn(10);
		});
		// Redis's few writes fit into its last page for a while.
		const refused = await until("Redis to refuse", async () => {
			const reply = await signIn();
			return reply.status === 200 ? null : reply;
		});
		disk.free();
		// nats-server 2.9 does not recover from a full store by itself, and ignores SIGTERM.
		await nats.kill("SIGKILL");
		await nats.start();
		await until("Redis to take writes", async () => (await signIn()).status === 200);

		expect([...trade.ledger.answers.keys()].toSorted()).toEqual(["200 OK", "201 OK"]);
		expect([refused.status, refused.body.code]).toEqual([503, "SERVICE_UNAVAILABLE"]);
		await trade.during(() => trade.goesOn(10));
		await trade.isKept(env);
	});
});
