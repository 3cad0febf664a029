import { accessSync, constants, existsSync, readFileSync, statfsSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { createFolder } from "../infrastructure/sqlite-file";

/** The outcome of a check: what was found, and for a failed check how to cure it. */
type CheckResult = { readonly ok: boolean; readonly found: string; readonly cure?: string };
const good = (found: string): CheckResult => ({ ok: true, found });
const bad = (found: string, cure: string): CheckResult => ({ ok: false, found, cure });
const reason = (err: unknown) => (err instanceof Error ? err.message : String(err));

function checkNode(): CheckResult {
	const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
	const fits = major > 22 || (major === 22 && minor >= 13);
	return fits
		? good(process.version)
		: bad(process.version, "Install Node 22.13 or later. On Linux, `npm ci` installs it for `npm run`");
}

function checkPackages(): CheckResult {
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
	return missing.length ? bad(`missing or in another version: ${names}`, "Run npm ci") : good("as locked");
}

function checkChinese(): CheckResult {
	const words = [...new Intl.Segmenter("zh", { granularity: "word" }).segment("手机壳")].length;
	return words < 3
		? good("word segmentation works")
		: bad(
				"this Node cannot segment Chinese words",
				"Use a Node with full ICU, such as the official builds"
			);
}

function checkSettings(): CheckResult {
	try {
		require("../settings");
		return good("valid");
	} catch (err) {
		return bad(reason(err), "Correct the variable, or unset it");
	}
}

function checkDataFolder(): CheckResult {
	const dir = process.env["DATA_DIR"] ?? join(process.cwd(), "data");
	try {
		createFolder(resolve(dir));
		accessSync(dir, constants.R_OK | constants.W_OK);
		const { bavail, bsize } = statfsSync(dir);
		const free = Math.round((bavail * bsize) / 1e6);
		return free > 200
			? good(`${dir}, ${free} MB free`)
			: bad(`${dir}, ${free} MB free`, "Free at least 200 MB");
	} catch (err) {
		return bad(
			`${dir}: ${reason(err)}`,
			"Let this user write to the folder, or set DATA_DIR to another one"
		);
	}
}

/** Whether the port in the variable, or by default the one given, can be listened on. */
function checkPort(variable: string, byDefault: string, host: string): Promise<CheckResult> {
	const port = process.env[variable]?.trim() || byDefault;
	if (port === "off") return Promise.resolve(good("off"));
	if (!/^\d{1,5}$/.test(port)) return Promise.resolve(bad(port, `Set ${variable} to a port number`));
	return new Promise(resolve => {
		const probe = createServer();
		probe.once("error", err =>
			resolve(
				bad(
					`${port}: ${reason(err)}`,
					`Use another port: ${variable}=${(Number(port) + 100) % 65_536} npm start`
				)
			)
		);
		probe.listen(Number(port), host, () => probe.close(() => resolve(good(port))));
	});
}

/** `npm run doctor`: checks everything that a start needs, and says how to cure each failure. */
async function main() {
	const checks: Record<string, CheckResult> = {
		Node: checkNode(),
		packages: checkPackages(),
		"Chinese text": checkChinese(),
		settings: checkSettings(),
		"data folder": checkDataFolder(),
		port: await checkPort("PORT", "3000", process.env["HOST"] ?? "127.0.0.1"),
		"metrics port": await checkPort("METRICS_PORT", "off", process.env["METRICS_HOST"] ?? "127.0.0.1")
	};
	for (const [name, { ok, found, cure }] of Object.entries(checks))
		process.stdout.write(`${ok ? "✓" : "✗"} ${name.padEnd(13)} ${found}${cure ? `\n  → ${cure}` : ""}\n`);
	process.exit(Object.values(checks).every(({ ok }) => ok) ? 0 : 1);
}

void main();
