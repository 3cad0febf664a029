import { spawnSync } from "node:child_process";
import { basename } from "node:path";
import { ShopProcess } from "../support/shop-process";
import { ROOT, RUN_TYPESCRIPT } from "../support/root";

it("deletes the data of a stopped shop wherever it is, and leaves the neighbour's", async () => {
	const [shop, neighbour] = await Promise.all([ShopProcess.start(), ShopProcess.start()]);
	await shop.register("13711112222");
	await neighbour.register("13711112222");
	const { dataDir } = shop;
	const runReset = () =>
		spawnSync(process.execPath, [...RUN_TYPESCRIPT, "scripts/reset.ts"], {
			cwd: ROOT,
			encoding: "utf8",
			env: { ...process.env, DATA_DIR: dataDir, MALL_NAMESPACE: basename(dataDir) }
		});
	const whileRunning = runReset();
	await Promise.all([shop.end("SIGTERM"), neighbour.end("SIGTERM")]);

	const reset = runReset();
	await Promise.all([shop.start(), neighbour.start()]);
	const gone = await shop.signIn("13711112222", "Tea-and-rice-9").catch(String);
	const stays = await neighbour.signIn("13711112222", "Tea-and-rice-9");
	await Promise.all([shop.remove(), neighbour.remove()]);

	expect([whileRunning.status, whileRunning.stderr]).toEqual([1, expect.stringContaining("is running")]);
	expect({ status: reset.status, said: reset.stdout + reset.stderr }).toEqual({
		status: 0,
		said: expect.stringContaining("deleted")
	});
	expect(gone).toContain("BAD_CREDENTIALS");
	expect(stays).not.toBe("");
});
