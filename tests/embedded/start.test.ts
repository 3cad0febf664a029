import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { findFreePort } from "../../scripts/servers/local";
import { ROOT, RUN_TYPESCRIPT } from "../support/root";

/** Starts a shop that is expected to end by itself; answers its exit code and the lines that it wrote. */
async function start(env: Readonly<Record<string, string>>): Promise<[number | null, string[]]> {
	const child = spawn(process.execPath, [...RUN_TYPESCRIPT, "main.ts"], {
		cwd: ROOT,
		stdio: ["ignore", "ignore", "pipe"],
		env: { ...process.env, NATS_URL: "", MONGO_URL: "", REDIS_URL: "", START_TIMEOUT: "3", ...env }
	});
	const [lines, [code]] = await Promise.all([text(child.stderr), once(child, "exit") as Promise<[number]>]);
	return [code, lines.trim().split("\n")];
}

it.each([
	["NATS", "NATS_URL", "nats://shop:secret@"],
	["Redis", "REDIS_URL", "redis://:secret@"]
])(
	"waits for a dead %s, counts its retries, and gives up after START_TIMEOUT",
	async (name, variable, scheme) => {
		const host = `127.0.0.1:${await findFreePort()}`;

		const [code, lines] = await start({ [variable]: scheme + host });

		expect(code).toBe(1);
		expect(lines[0]).toContain(`${name} at ${host} (${variable}) does not answer: retry 1, `);
		expect(lines.at(-1)).toContain(`${name} at ${host} did not answer within 3 s`);
		expect(lines.join()).not.toContain("secret");
	}
);

it("says that HOST is no address of this machine, and does not blame the port", async () => {
	const [code, lines] = await start({ HOST: "203.0.113.1", OPEN_DEVELOPMENT: "on", PORT: "3000" });

	expect([code, lines]).toEqual([
		1,
		[expect.stringContaining("HOST=203.0.113.1 is no address of this machine")]
	]);
});
