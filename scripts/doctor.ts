import { accessSync, constants, existsSync, readFileSync, statfsSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { createFolder } from "../infrastructure/sqlite-file";

type Verdict = { readonly ok: boolean; readonly found: string; readonly cure?: string };
const good = (found: string): Verdict => ({ ok: true, found });
const bad = (found: string, cure: string): Verdict => ({ ok: false, found, cure });
const reason = (err: unknown) => (err instanceof Error ? err.message : String(err));

function node(): Verdict {
	const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
	const fits = major > 22 || (major === 22 && minor >= 13);
	return fits
		? good(process.version)
		: bad(process.version, "Node 22.13 or later; on Linux `npm ci` brings it for `npm run`");
}

function packages(): Verdict {
	const wanted = JSON.parse(readFileSync(join(__dirname, "../package.json"), "utf8")) as {
		dependencies: Record<string, string>;
	};
	const missing = Object.entries(wanted.dependencies).filter(([name, version]) => {
		const file = join(__dirname, "../node_modules", name, "package.json");
		return (
			!existsSync(file) ||
			(JSON.parse(readFileSync(file, "utf8")) as { version: string }).version !== version
		);
	});
	const names = missing.map(([name]) => name).join(", ");
	return missing.length ? bad(`missing or of another version: ${names}`, "npm ci") : good("as locked");
}

function chinese(): Verdict {
	const words = [...new Intl.Segmenter("zh", { granularity: "word" }).segment("手机壳")].length;
	return words < 3
		? good("word segmentation works")
		: bad("this Node lacks Chinese", "Use a Node with full ICU (the default builds)");
}

function settingsFit(): Verdict {
	try {
		require("../settings");
		return good("fit");
	} catch (err) {
		return bad(reason(err), "Set the variable right, or unset it");
	}
}

function dataFolder(): Verdict {
	const dir = process.env["DATA_DIR"] ?? join(process.cwd(), "data");
	try {
		createFolder(resolve(dir));
		accessSync(dir, constants.R_OK | constants.W_OK);
		const { bavail, bsize } = statfsSync(dir);
		const free = Math.round((bavail * bsize) / 1e6);
		return free > 200
			? good(`${dir}, ${free} MB free`)
			: bad(`${dir}, ${free} MB free`, "Make room: 200 MB at least");
	} catch (err) {
		return bad(`${dir}: ${reason(err)}`, "Give this user the folder, or set DATA_DIR to another");
	}
}

function port(): Promise<Verdict> {
	const wanted = Number(process.env["PORT"] ?? 3000);
	return new Promise(resolve => {
		const probe = createServer();
		probe.once("error", err =>
			resolve(bad(`${wanted}: ${reason(err)}`, `PORT=${wanted + 100} npm start`))
		);
		probe.listen(wanted, process.env["HOST"] ?? "127.0.0.1", () =>
			probe.close(() => resolve(good(String(wanted))))
		);
	});
}

/** `npm run doctor`: looks at everything that a start needs, and says of each failure what cures it. */
async function main() {
	const checks: Record<string, Verdict> = {
		Node: node(),
		packages: packages(),
		"Chinese text": chinese(),
		settings: settingsFit(),
		"data folder": dataFolder(),
		port: await port()
	};
	for (const [name, { ok, found, cure }] of Object.entries(checks))
		process.stdout.write(`${ok ? "✓" : "✗"} ${name.padEnd(13)} ${found}${cure ? `\n  → ${cure}` : ""}\n`);
	process.exit(Object.values(checks).every(({ ok }) => ok) ? 0 : 1);
}

void main();
