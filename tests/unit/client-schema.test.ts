import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { buildOpenApi } from "../../services/api/openapi";
import { ROOT } from "../support/root";

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), "zjmall-client-"));
const document = join(folder, "openapi.json");
beforeAll(() => writeFileSync(document, JSON.stringify(buildOpenApi())));
afterAll(() => rmSync(folder, { recursive: true }));

it("is up to date with the OpenAPI document (if not, run `npm run openapi:types`)", async () => {
	const cli = join(ROOT, "node_modules/openapi-typescript/bin/cli.js");

	const { stdout } = await run(process.execPath, [cli, document], { maxBuffer: 64 * 1024 * 1024 });

	expect(readFileSync(join(ROOT, "tests/support/client/schema.d.ts"), "utf8") === stdout).toBe(true);
});
