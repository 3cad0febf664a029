"use strict";
// `npm run doctor`: checks everything that a start needs, and says how to cure each failure. Runs before `npm ci` and on any Node
// since 18: plain JavaScript without packages. What needs the shop's own code is checked by check-installed.ts in a child process.
const { spawnSync } = require("node:child_process");
const { accessSync, constants, existsSync, readFileSync, statfsSync } = require("node:fs");
const { createServer } = require("node:net");
const { dirname, join, resolve } = require("node:path");
const { describeWrongNode, root } = require("./needed-node.js");

/**
 * The outcome of a check: what was found, and for a failed one how to cure it, in Chinese and English.
 * @typedef {{ ok: boolean | null, found: string, zh?: string, en?: string }} CheckResult
 */
const good = found => ({ ok: true, found });
const bad = (found, zh, en) => ({ ok: false, found, zh, en });
const notYet = { ok: null, found: "安装依赖后检查 / checked once the packages are installed" };

/** The Node that `npm run` uses: the one that npm installed, otherwise this one. */
const installedNode = join(root, "node_modules/.bin/node");
const nodePath = existsSync(installedNode) ? installedNode : process.execPath;

function checkNode() {
	const { stdout } = spawnSync(nodePath, ["--version"], { encoding: "utf8" });
	const version = (stdout || process.version).trim();
	const wrong = describeWrongNode(version.replace("v", ""));
	return wrong ? bad(version, ...wrong.split(" / ")) : good(version);
}

function checkPackages() {
	const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
	const missing = Object.keys(dependencies).filter(name => {
		const file = join(root, "node_modules", name, "package.json");
		return !existsSync(file) || JSON.parse(readFileSync(file, "utf8")).version !== dependencies[name];
	});
	return missing.length
		? bad(
				`缺少或版本不符 / missing or in another version: ${missing.join(", ")}`,
				"运行 npm ci",
				"Run npm ci"
			)
		: good("与 package.json 一致 / as in package.json");
}

/** Runs the checks that need the installed code; null where they can't run. */
function runInstalledChecks() {
	const compiled = join(__dirname, "check-installed.js");
	const args = existsSync(compiled)
		? [compiled]
		: ["-r", "ts-node/register", join(__dirname, "check-installed.ts")];
	const { stdout, stderr, status } = spawnSync(nodePath, args, {
		cwd: root,
		encoding: "utf8",
		timeout: 120_000
	});
	if (status === 0) return JSON.parse(stdout);
	return { settingsError: (stderr || "no answer").trim().split("\n")[0], servers: [], segments: true };
}

function checkSettings({ settingsError }) {
	return settingsError
		? bad(settingsError, "改正该变量，或取消设置", "Correct the variable, or unset it")
		: good("有效 / valid");
}

function checkChinese({ segments }) {
	return segments
		? good("可以分词 / word segmentation works")
		: bad(
				"不能给中文分词 / this Node can't segment Chinese words",
				"请使用带完整 ICU 的 Node，如官方版本",
				"Use a Node with full ICU, such as the official builds"
			);
}

const checkServer = ({ name, hosts, variable, error }) =>
	error
		? bad(
				`${hosts}: ${error}`,
				`启动 ${name}，或改正、清空 ${variable}`,
				`Start ${name}, or correct or unset ${variable}`
			)
		: good(hosts);

/** Creates nothing: where the folder is not there, the nearest one above it counts. */
function checkDataFolder(dataDir) {
	let folder = resolve(dataDir);
	while (!existsSync(folder)) folder = dirname(folder);
	try {
		accessSync(folder, constants.R_OK | constants.W_OK);
		const { bavail, bsize, type } = statfsSync(folder);
		if (type === PROC_FILE_SYSTEM) throw new Error("not a place for files");
		const free = Math.round((bavail * bsize) / 1e6);
		const found = `${dataDir}, ${free} MB ${folder === resolve(dataDir) ? "free" : "free, not made yet"}`;
		return free > MIN_FREE_MB
			? good(found)
			: bad(found, `请腾出 ${MIN_FREE_MB} MB`, `Free at least ${MIN_FREE_MB} MB`);
	} catch (err) {
		return bad(
			`${dataDir}: ${err.message}`,
			"让当前用户可以写这个目录，或用 DATA_DIR 另设一个",
			"Let this user write to the folder, or set DATA_DIR to another one"
		);
	}
}
const MIN_FREE_MB = 200;
const PROC_FILE_SYSTEM = 0x9fa0;

/** Whether the port can be listened on. */
function checkPort(variable, port, host) {
	if (port === "off") return good("off");
	return new Promise(done => {
		const probe = createServer();
		probe.once("error", ({ code, message }) =>
			done(bad(`${host}:${port}: ${message}`, ...cureOfPort(variable, Number(port), code)))
		);
		try {
			probe.listen(Number(port), host, () => probe.close(() => done(good(`${host}:${port}`))));
		} catch (err) {
			done(bad(String(port), `请把 ${variable} 设为端口号`, `Set ${variable} to a port number`));
		}
	});
}

function cureOfPort(variable, port, code) {
	const hostVariable = variable.replace("PORT", "HOST");
	if (code === "EADDRINUSE")
		return [
			`端口已被占用，换一个：${variable}=${(port + 100) % 65536} npm start`,
			`Another program has the port, use another one: ${variable}=${(port + 100) % 65536} npm start`
		];
	if (code === "EACCES")
		return [
			"1024 以下的端口需要特权，请用反向代理，或换一个端口",
			"Ports below 1024 need privileges: use a proxy before the shop, or another port"
		];
	return [
		`本机没有这个地址，请改 ${hostVariable}`,
		`This machine has no such address: change ${hostVariable}`
	];
}

async function main() {
	const packages = checkPackages();
	const env = name => (process.env[name] || "").trim();
	const installed = packages.ok && checkNode().ok ? runInstalledChecks() : null;
	const places = (installed && installed.places) || {
		dataDir: env("DATA_DIR") || join(process.cwd(), "data"),
		host: env("HOST") || "127.0.0.1",
		port: env("PORT") || 3000,
		metricsHost: env("METRICS_HOST") || "127.0.0.1",
		metricsPort: env("METRICS_PORT") || "off"
	};
	/** @type {[string, CheckResult][]} */
	const checks = [
		["Node", checkNode()],
		["依赖 packages", packages],
		["设置 settings", installed ? checkSettings(installed) : notYet],
		["中文 Chinese", installed ? checkChinese(installed) : notYet],
		["数据 data folder", checkDataFolder(places.dataDir)],
		["端口 port", await checkPort("PORT", places.port, places.host)],
		["指标 metrics port", await checkPort("METRICS_PORT", places.metricsPort, places.metricsHost)],
		...((installed && installed.servers) || []).map(server => [server.name, checkServer(server)])
	];
	for (const [name, { ok, found, zh, en }] of checks)
		process.stdout.write(
			`${ok ? "✓" : ok === null ? "–" : "✗"} ${name.padEnd(18)} ${found}\n${zh ? `  → ${zh}\n  → ${en}\n` : ""}`
		);
	process.exit(checks.some(([, { ok }]) => ok === false) ? 1 : 0);
}

void main();
