import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { Client } from "../support/shop";
import { findFreePort } from "../../scripts/servers/local";
import { until } from "../support/until";
import { ROOT } from "../support/root";

const START_WITHIN_MS = 240_000;
jest.setTimeout(3 * START_WITHIN_MS);

type Program = { readonly child: ChildProcess; said: string; complained: string };

/** Runs what `npm start` runs, with the given settings only. */
function program(env: Readonly<Record<string, string>>): Program {
	const { PATH = "", HOME = "" } = process.env;
	const child = spawn(process.execPath, ["-r", "ts-node/register", "main.ts"], {
		cwd: ROOT,
		env: { PATH, HOME, LOG_LEVEL: "fatal", ...env },
		stdio: ["ignore", "pipe", "pipe"]
	});
	const started: Program = { child, said: "", complained: "" };
	child.stdout.on("data", (chunk: Buffer) => (started.said += chunk.toString()));
	child.stderr.on("data", (chunk: Buffer) => (started.complained += chunk.toString()));
	return started;
}

async function startShop(env: Readonly<Record<string, string>>): Promise<Program> {
	const shop = program(env);
	await until("the banner", () => shop.said.includes("ready in") || shop.complained, START_WITHIN_MS);
	expect(shop.complained).toBe("");
	return shop;
}

async function exitCode({ child }: Program): Promise<number | null> {
	if (child.exitCode === null) await once(child, "close");
	return child.exitCode;
}

async function stopShop(shop: Program): Promise<number | null> {
	shop.child.kill("SIGTERM");
	return exitCode(shop);
}

/** The blocks marked "bash journey", which a reader runs one after the other in one shell. */
const journeyOf = (file: string): string[] =>
	[...readFileSync(join(ROOT, file), "utf8").matchAll(/^```bash journey\n(.*?)^```$/gms)].map(
		([, block = ""]) => block
	);

/** Runs the blocks in one shell; returns the output of each block that succeeded. */
async function travel(blocks: readonly string[], url: string): Promise<string[]> {
	const done = "— end of block —\n";
	const script = blocks.map(block => `${block}\nprintf '${done.trim()}\\n'\n`).join("");
	const file = join(mkdtempSync(join(tmpdir(), "zjmall-journey-")), "journey.sh");
	writeFileSync(file, script);
	const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", file], {
		env: { ...process.env, MALL: url },
		timeout: 300_000
	});
	rmSync(dirname(file), { recursive: true });
	return stdout.split(done).slice(0, -1);
}

describe("a shop started as the README says", () => {
	const dataDir = mkdtempSync(join(tmpdir(), "zjmall-readme-"));
	let env: Record<string, string>;
	let url: string;
	let shop: Program;

	beforeAll(async () => {
		env = { DATA_DIR: dataDir, PORT: String(await findFreePort()) };
		url = `http://127.0.0.1:${env["PORT"]}`;
		shop = await startShop(env);
	});

	afterAll(async () => {
		await stopShop(shop);
		rmSync(dataDir, { recursive: true });
	});

	/** Documents whose blocks go on where those of another one end. */
	const BEGINNINGS: Readonly<Record<string, string>> = { "docs/how-to.md": "README.en.md" };

	it.each([
		["README.md", "completed"],
		["README.en.md", "completed"],
		["docs/quick-start.md", "orders status"],
		["docs/rest-guide.md", "order.created\ncancelled"],
		["docs/how-to.md", "order.paid"]
	])("takes every step of the journey in %s", async (file, last) => {
		const beginning = BEGINNINGS[file];
		const blocks = [...(beginning === undefined ? [] : journeyOf(beginning)), ...journeyOf(file)];

		const printed = await travel(blocks, url);

		expect(blocks.length).toBeGreaterThan(2);
		expect(printed).toHaveLength(blocks.length);
		expect(printed.at(-1)).toContain(last);
	});

	it("lets every demo account of its banner sign in", async () => {
		const accounts = [...shop.said.matchAll(/(1\d{10}) \/ (\S+)/g)];

		const tokens = await Promise.all(
			accounts.map(([, phone = "", password = ""]) => new Client(url).signIn(phone, password))
		);

		expect(tokens).toHaveLength(2);
	});

	it("refuses a second start on its port with one line", async () => {
		const elsewhere = mkdtempSync(join(tmpdir(), "zjmall-readme-"));
		const second = program({ ...env, DATA_DIR: elsewhere });

		const code = await exitCode(second);

		rmSync(elsewhere, { recursive: true });
		expect(code).toBe(1);
		expect(second.said).toBe("");
		expect(second.complained).toMatch(new RegExp(`^[^\\n]*${env["PORT"]}[^\\n]*\\n$`));
	});

	it("ends with exit code 0 when it is asked to, and finds its data at the next start", async () => {
		const client = new Client(url);
		const orders = async () =>
			(await client.http("GET", "/admin/orders", { token: await client.asAdmin() })).body.data.items;
		const before = await orders();

		const code = await stopShop(shop);
		shop = await startShop(env);

		expect(code).toBe(0);
		expect(before.length).toBeGreaterThan(0);
		expect(await orders()).toEqual(before);
	});
});

it.each([
	["a port that is none", "PORT", { PORT: "many" }],
	[
		"a document server that is not there",
		"MONGO_URL",
		{ MONGO_URL: "mongodb://127.0.0.1:1/", START_TIMEOUT: "0" }
	],
	["a Redis that is not there", "REDIS_URL", { REDIS_URL: "redis://127.0.0.1:1", START_TIMEOUT: "0" }]
])("refuses %s with one line that names it", async (_, named, env) => {
	const shop = program(env);

	const code = await exitCode(shop);

	expect(code).toBe(1);
	expect(shop.complained).toMatch(/^[^\n]*\n$/);
	expect(shop.complained).toContain(named);
});

it.each([
	["README.md", "README.en.md"],
	["docs/zh/quick-start.md", "docs/quick-start.md"],
	["docs/zh/rest-guide.md", "docs/rest-guide.md"]
])("has the same steps in both languages: %s", (chinese, english) => {
	const withoutWords = (file: string) =>
		journeyOf(file).map(block => block.replaceAll(/^\s*#.*\n/gm, "").replaceAll(/ +# .*$/gm, ""));

	expect(withoutWords(english)).toEqual(withoutWords(chinese));
});
