import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT, RUN_TYPESCRIPT } from "../support/root";

const run = promisify(execFile);

it("is up to date with the OpenAPI document (if not, run `npm run openapi:types`)", async () => {
	const script = join(ROOT, "scripts/openapi-types.ts");

	const { stdout } = await run(process.execPath, [...RUN_TYPESCRIPT, script], {
		cwd: ROOT,
		maxBuffer: 64 * 1024 * 1024
	});

	expect(readFileSync(join(ROOT, "sdk/src/schema.d.ts"), "utf8") === stdout).toBe(true);
});
