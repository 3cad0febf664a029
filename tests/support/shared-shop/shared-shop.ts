import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, RUN_TYPESCRIPT } from "../root";
import { Client } from "../shop";
import { until } from "../until";
import { SHARED_SHOPS, type Address } from "./shops";

/**
 * The shop of this jest worker, in a process of its own, for suites that only use HTTP: the first of them starts it, and it is
 * stopped after the run. Suites share its data, so each uses customers, products and names of its own and sets nothing that it
 * does not set back; `asUser` is a new customer for each suite.
 */
export class SharedShop extends Client {
	private customer: Promise<string> | undefined;

	static async open(): Promise<SharedShop> {
		const folder = process.env[SHARED_SHOPS];
		if (!folder) throw new Error("No folder for shared shops: jest has not run their global setup");
		const shop = new SharedShop((await addressIn(folder)).url);
		const token = await shop.asAdmin();
		await shop.http("PUT", "/admin/config/orders.maxUnpaid", { token, body: { value: 1000 } });
		return shop;
	}

	override asUser = (): Promise<string> =>
		(this.customer ??= this.register(`135${randomInt(10_000_000, 99_999_999)}`).then(
			({ token }) => token
		));
}

/** Where the shop of this worker listens; starts it if no suite has yet. */
async function addressIn(folder: string): Promise<Address> {
	const name = `shop-${process.env["JEST_WORKER_ID"] ?? "1"}`;
	const file = join(folder, `${name}.json`);
	if (existsSync(file)) return readAddress(file);
	const log = openSync(join(folder, `${name}.log`), "a");
	const child = spawn(
		process.execPath,
		[...RUN_TYPESCRIPT, join(__dirname, "process.ts"), file, join(folder, "jest.pid")],
		{
			cwd: ROOT,
			stdio: ["ignore", log, log],
			env: {
				...process.env,
				DATA_DIR: join(folder, name),
				MALL_NAMESPACE: `${folder.split("-").at(-1)}-${name}`
			}
		}
	);
	closeSync(log);
	child.unref();
	await until("the shared shop to start", () => {
		if (child.exitCode !== null) throw new Error(readFileSync(join(folder, `${name}.log`), "utf8"));
		return existsSync(file);
	});
	return readAddress(file);
}

const readAddress = (file: string) => JSON.parse(readFileSync(file, "utf8")) as Address;
