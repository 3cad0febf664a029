import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { ROOT, RUN_TYPESCRIPT } from "../support/root";
import { ShopProcess } from "../support/shop-process";

const EMBEDDED = { NATS_URL: "", MONGO_URL: "", REDIS_URL: "" };

it("refuses development on a store that production has used, before anything is written", async () => {
	const shop = await ShopProcess.start(
		{
			...EMBEDDED,
			NODE_ENV: "production",
			JWT_SECRET: randomBytes(32).toString("hex"),
			HOST: "127.0.0.1"
		},
		{ services: ["config", "users"] }
	);
	await shop.end("SIGTERM");

	const { status, stderr } = spawnSync(
		process.execPath,
		[...RUN_TYPESCRIPT, "main.ts", "config", "users"],
		{
			cwd: ROOT,
			encoding: "utf8",
			env: { ...process.env, ...EMBEDDED, NODE_ENV: "development", DATA_DIR: shop.dataDir }
		}
	);
	await shop.remove();

	expect(status).toBe(1);
	expect(stderr).toMatch(/this store belongs to production: set NODE_ENV=production\n$/);
});
