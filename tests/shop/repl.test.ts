import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { findFreePort } from "../../scripts/servers/local";
import { aSku, StaffClient } from "../support/builders";
import { Client } from "../support/shop";
import { Shopper } from "../support/shopper";
import { until } from "../support/until";
import { ROOT } from "../support/root";

/** `npm run dev` with its terminal on a pipe. */
const dataDir = mkdtempSync(join(tmpdir(), "zjmall-"));
let dev: ChildProcessWithoutNullStreams;
let client: Client;
let order: { id: string; orderNo: string };
let printed = "";

beforeAll(async () => {
	const port = await findFreePort();
	client = new Client(`http://127.0.0.1:${port}`);
	dev = spawn("npm", ["run", "--silent", "dev"], {
		cwd: ROOT,
		env: {
			...process.env,
			NODE_ENV: "test",
			HOME: dataDir, // the REPL writes its history there
			DATA_DIR: dataDir,
			MALL_NAMESPACE: basename(dataDir),
			PORT: String(port),
			LOG_LEVEL: "warn"
		}
	});
	for (const stream of [dev.stdout, dev.stderr])
		stream.on("data", (chunk: Buffer) => (printed += chunk.toString()));
	await until(
		"the prompt, and a shop that is ready",
		async () =>
			printed.includes("mall $") &&
			(await client.http("GET", "//health/ready").catch(() => null))?.status === 200
	);
	const staff = new StaffClient(client, await client.asAdmin());
	const { skus } = await staff.addProductOnShelf({ skus: [aSku()] });
	await staff.addStock(skus[0].id, 5);
	order = await new Shopper(client, await client.asUser()).order(skus[0].id);
});
afterAll(async () => {
	const ended = dev.exitCode === null && once(dev, "exit");
	dev.stdin.end();
	await ended;
	rmSync(dataDir, { recursive: true, force: true });
	expect(dev.exitCode).toBe(0);
});

/** Types the command and resolves with the output up to the next prompt. */
async function typed(line: string): Promise<string> {
	printed = "";
	dev.stdin.write(`${line}\n`);
	return until(`an answer to ${line}`, () => /^([^]*)mall \$ $/.exec(printed)?.[1] ?? null);
}

it.each(["mall order", "order"])("prints the life of an order at `%s <no>`", async command => {
	const life = await until("its whole life is kept", async () => {
		const shown = await typed(`${command} ${order.orderNo}`);
		return shown.includes("carts") ? shown : null;
	});

	const lines = life.trimEnd().split("\n");
	expect(lines).toContainEqual(
		expect.stringMatching(/ \d+(\.\d)? ms {2}inventory {3}inventory\.reserve {2}→ ok {2}@ \S+$/)
	);
	expect(lines).toContainEqual(expect.stringMatching(/ published order\.created {2}→ ok {2}@ /));
	expect(lines).toContainEqual(expect.stringMatching(/ status created {2}→ pending_payment$/));
	const times = lines.map(line => line.slice(0, 23));
	expect(times).toEqual(times.toSorted());
});

it("knows an order by its id as well", async () => {
	expect(await typed(`mall order ${order.id}`)).toContain("orders.create");
});

it("prints one line for an unknown number", async () => {
	expect(await typed("mall order 01BX5ZZKBKACTAV9WEVGEMMVRZ")).toMatch(/^NOT_FOUND: .*\n$/);
});

it("runs every command behind `mall` too, and lists them all after an unknown one", async () => {
	const list = await typed("mall");

	expect(list.match(/^mall \w+/gm)).toEqual(["mall order", "mall outbox", "mall dead", "mall redrive"]);
	for (const unclear of ["mall order", "mall dead 1", "mall nonsense"])
		expect(await typed(unclear)).toBe(list);
	expect(await typed("mall dead")).toBe("No dead letters\n");
	expect(await typed("mall redrive 01BX5ZZKBKACTAV9WEVGEMMVRZ")).toMatch(/^NOT_FOUND: /);
	expect(
		await until("every fact to be published", async () =>
			(await typed("mall outbox")).startsWith("No fact")
		)
	).toBe(true);
});

it("records in the audit log what is written in it, and by whom", async () => {
	await typed("call config.set --key traces.keepDays --value 20");
	const token = await client.asAdmin();

	const entries = await until("both entries", async () => {
		const { body } = await client.http("GET", "/admin/audit-log?pageSize=100", { token });
		const typedOnes = body.data.items.filter(({ by }: { by: string | null }) => by?.startsWith("repl:"));
		return typedOnes.length >= 2 && typedOnes;
	});

	expect(entries).toEqual([
		expect.objectContaining({
			action: "config.set",
			params: { key: "traces.keepDays", value: 20 },
			outcome: "OK"
		}),
		expect.objectContaining({ action: "deadLetters.replay", outcome: "NOT_FOUND" })
	]);
});
