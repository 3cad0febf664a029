import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import type { Anchor } from "../schemas/audit.contract";
import { call } from "../schemas/registry";
import { runCommand } from "./run-command";
import { withServices } from "./with-services";

const SERVICES = ["config", "audit"] as const;
const USAGE = "Usage: npm run audit:verify -- [--anchors <the shop's log>] [--anchor <id>:<hash>]";
const ANCHOR = /"auditAnchor":\{"id":"(\d+)","hash":"([\w-]+)"\}/g;

/** The anchors among the lines of the program's log. */
async function readAnchors(file: string): Promise<Anchor[]> {
	const found: Anchor[] = [];
	for await (const line of createInterface({ input: createReadStream(file) }))
		for (const [, id = "", hash = ""] of line.matchAll(ANCHOR)) found.push({ id, hash });
	return found;
}

async function parseAnchors(args: readonly string[]): Promise<Anchor[]> {
	const { values } = parseArgs({
		args: [...args],
		options: { anchors: { type: "string", multiple: true }, anchor: { type: "string", multiple: true } }
	});
	const typed = (values.anchor ?? []).map(text => {
		const [, id, hash] = /^(\d+):([\w-]+)$/.exec(text) ?? [];
		if (id === undefined || hash === undefined) throw new Error(USAGE);
		return { id, hash };
	});
	return [...typed, ...(await Promise.all((values.anchors ?? []).map(readAnchors))).flat()];
}

/**
 * `npm run audit:verify`: checks every entry of the audit log, in the store and under the keys that the settings name, whether
 * or not the shop runs. Exit code 1 names the first entry that is wrong; 2: there is no shop.
 */
async function main(): Promise<void> {
	const anchors = await parseAnchors(process.argv.slice(2)).catch((err: unknown) => {
		throw err instanceof TypeError ? new Error(USAGE) : err;
	});
	await withServices(SERVICES, async broker => {
		const { entries, unkeyed, head, brokenAt, reason } = await call(
			broker,
			"audit.verify",
			{ anchors },
			{ timeout: 0 }
		);
		const count = `${entries} entries, ${anchors.length} anchors${unkeyed ? `, ${unkeyed} entries without a key` : ""}`;
		if (brokenAt !== null)
			throw new Error(`The audit log is broken at ${brokenAt}: ${reason}. Before it: ${count}`);
		process.stdout.write(`The audit log is whole: ${count}\n`);
		if (head) process.stdout.write(`--anchor ${head.id}:${head.hash}\n`);
	});
}

runCommand(main);
