import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { findFreePort } from "../servers/local";

const ROOT = join(__dirname, "../..");
const VERSION = "4.32.5";
const CACHE = join(ROOT, "node_modules/.cache/schemathesis");
const START_WITHIN_MS = 120_000;

/** Accounts of the demo shop by role; nobody is signed in as `anonymous`. */
const ROLES = [
	{ role: "anonymous", account: null },
	{ role: "customer", account: { phone: "13900000000", password: "Mall-user-1" } },
	{ role: "admin", account: { phone: "13800000000", password: "Mall-admin-1" } }
] as const;
/** Routes that would end the session with which they are tried, and streams, which have no end. */
const LEFT_OUT = "/(me/(close|sessions|password|phone|totp|step-up)|auth/|admin/users/|(admin/)?events$)";
const CHECKS = [
	"not_a_server_error",
	"status_code_conformance",
	"content_type_conformance",
	"response_headers_conformance",
	"response_schema_conformance"
].join(",");

/** Installs schemathesis into a Python environment of its own, which `npm ci` removes again. */
function installSchemathesis(): string {
	const program = join(CACHE, "bin/st");
	if (!existsSync(program)) {
		execFileSync("python3", ["-m", "venv", CACHE], { stdio: "inherit" });
		execFileSync(join(CACHE, "bin/pip"), ["install", "--quiet", `schemathesis==${VERSION}`], {
			stdio: "inherit"
		});
	}
	return program;
}

/** Starts a demo shop of its own, and resolves when it is ready. */
async function startShop(dataDir: string): Promise<{ url: string; shop: ChildProcess }> {
	const port = await findFreePort();
	const url = `http://127.0.0.1:${port}`;
	const env = {
		DATA_DIR: dataDir,
		PORT: String(port),
		NODE_ENV: "test",
		LIMITS_PER_IP: "off",
		LOG_LEVEL: "error"
	};
	const shop = spawn(process.execPath, ["-r", "ts-node/register", "main.ts"], {
		cwd: ROOT,
		env: { ...process.env, ...env },
		stdio: ["ignore", "inherit", "inherit"]
	});
	for (const deadline = Date.now() + START_WITHIN_MS; Date.now() < deadline; await pause(200)) {
		const ready = await fetch(`${url}/health/ready`).catch(() => null);
		if (ready?.ok) return { url, shop };
	}
	shop.kill();
	throw new Error("The shop did not become ready");
}

/**
 * Writes the shop's OpenAPI document for schemathesis, which is written in Python: without patterns that only JavaScript can
 * read (Unicode properties, look-ahead), for which it could make no request at all.
 */
async function writeDocument(url: string, file: string): Promise<void> {
	const text = await (await fetch(`${url}/openapi.json`)).text();
	const document: unknown = JSON.parse(text, (key, value: unknown) =>
		key === "pattern" && typeof value === "string" && /\\p\{|\(\?/.test(value) ? undefined : value
	);
	writeFileSync(file, JSON.stringify(document));
}

async function signIn(
	url: string,
	account: { readonly phone: string; readonly password: string }
): Promise<string> {
	const response = await fetch(`${url}/api/v1/auth/login`, {
		method: "POST",
		headers: { "Content-Type": "application/json" },
		body: JSON.stringify(account)
	});
	const { data } = (await response.json()) as { data: { accessToken: string } | null };
	if (!data) throw new Error(`The demo account ${account.phone} can't sign in: ${response.status}`);
	return data.accessToken;
}

/**
 * `npm run test:fuzz-api -- [requests a route] [seconds a role]`: tries every route with what its OpenAPI schema allows, and
 * with what it does not, as three roles. Wrong are a 5xx, a status or a body that the document does not name. Exit code 1 if
 * there is any.
 */
async function main(): Promise<void> {
	const [examples = "10", seconds = "240"] = process.argv.slice(2);
	const program = installSchemathesis();
	const dataDir = mkdtempSync(join(tmpdir(), "zjmall-fuzz-"));
	const { url, shop } = await startShop(dataDir);
	try {
		const document = join(dataDir, "openapi.json");
		await writeDocument(url, document);
		for (const { role, account } of ROLES) {
			const report = join(dataDir, `${role}.json`);
			const bearer = account ? ["-H", `Authorization: Bearer ${await signIn(url, account)}`] : [];
			const leftOut = account
				? ["--exclude-path-regex", LEFT_OUT]
				: ["--exclude-path-regex", "events$"];
			process.stdout.write(`\n${role}\n`);
			const options = ["-n", examples, "--max-time", seconds, "--phases", "examples,coverage,fuzzing"];
			const tried = spawn(
				program,
				[
					"run",
					document,
					...["--url", url],
					...[
						"--checks",
						CHECKS,
						"--seed",
						"1",
						"--continue-on-failure",
						"--request-timeout",
						"20"
					],
					...["--report-json-path", report, "--report", "json", "--warnings", "off"],
					...options,
					...bearer,
					...leftOut
				],
				{ stdio: "inherit", cwd: dataDir }
			);
			const [status] = (await once(tried, "exit")) as [number | null];
			if (status !== 0) process.exitCode = 1;
		}
	} finally {
		shop.kill();
		rmSync(dataDir, { recursive: true, force: true });
	}
}

void main().catch((err: unknown) => {
	process.stderr.write(`${err instanceof Error ? err.message : String(err)}\n`);
	process.exit(1);
});
