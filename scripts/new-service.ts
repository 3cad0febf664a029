import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { parseArgs } from "node:util";
import { findServiceFiles } from "../infrastructure/service-files";
import { registerService } from "./new/register-service";
import { listServiceFiles } from "./new/service-files";
import { SERVICE_NAME, toCamel } from "./new/service-name";
import { listStandaloneFiles } from "./new/standalone-files";

/**
 * `npm run new -- badges` writes a service of this repository, with a route, a handler of a fact and a test, and registers it.
 * `npm run new -- --standalone ../my-loyalty` writes one in a folder of its own.
 */
const ROOT = join(__dirname, "..");
const USAGE =
	"用法 / usage: npm run new -- <name>, or npm run new -- --standalone <folder>; the name in lower case, such as badges or order-notes";

function refuse(line: string): never {
	process.stderr.write(`${line}\n`);
	process.exit(1);
}

function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
	for (const [file, text] of Object.entries(files)) {
		mkdirSync(dirname(join(folder, file)), { recursive: true });
		writeFileSync(join(folder, file), text);
	}
}

function writeService(name: string): void {
	const files = listServiceFiles(name);
	const existing = Object.keys(files).filter(file => existsSync(join(ROOT, file)));
	if (existing.length) refuse(`已存在 / exists already: ${existing.join(", ")}`);
	const changed = registerService(ROOT, name);
	writeFiles(ROOT, files);
	// In a process of its own, since the registry of this one does not know the service yet.
	for (const script of ["docs:generate", "openapi:types"])
		if (spawnSync(`npm run --silent ${script}`, { cwd: ROOT, stdio: "inherit", shell: true }).status)
			refuse(`npm run ${script} 失败 / npm run ${script} failed`);
	process.stdout.write(
		`写好了 / wrote ${Object.keys(files).join(", ")}\n` +
			`登记于 / registered in ${changed.join(", ")}; npm run docs:generate, npm run openapi:types\n` +
			`下一步 / next: npm start, then GET /api/v1/me/${name}; docs/tutorial.md explains it.\n`
	);
}

function writeStandalone(folder: string): void {
	const name = basename(folder);
	if (existsSync(folder)) refuse(`已存在 / exists already: ${folder}`);
	const pathToShop = relative(folder, ROOT).split(sep).join("/");
	writeFiles(folder, listStandaloneFiles(name, pathToShop));
	process.stdout.write(
		`写好了 / wrote ${folder}\n下一步 / next: cd ${folder} && npm install && npm test && npm start\n`
	);
}

const { values, positionals } = parseArgs({
	options: { standalone: { type: "string" } },
	allowPositionals: true
});
const folder = values.standalone === undefined ? null : resolve(values.standalone);
const name = folder ? basename(folder) : (positionals[0] ?? "");
const services = [...findServiceFiles({ sandbox: true }).keys()].map(toCamel);
if (!SERVICE_NAME.test(name) || name.length > 40 || positionals.length > (folder ? 0 : 1)) refuse(USAGE);
if (services.includes(toCamel(name))) refuse(`商城已有此服务 / the shop has a service ${name}`);
if (folder) writeStandalone(folder);
else writeService(name);
