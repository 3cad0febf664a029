import { copyFileSync, globSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { transformFileSync } from "@swc/core";

const SDK = join(__dirname, "../sdk");
const MODULES = join(SDK, "dist");
const COMMON_JS = join(MODULES, "cjs");

/** Completes the client that `tsc -p sdk` has built: adds the types that are generated, and the same modules as CommonJS. */
function completeClient(): void {
	copyFileSync(join(SDK, "src/schema.d.ts"), join(MODULES, "schema.d.ts"));
	mkdirSync(COMMON_JS, { recursive: true });
	writeFileSync(join(COMMON_JS, "package.json"), JSON.stringify({ type: "commonjs" }));
	for (const file of globSync(join(MODULES, "*.js"))) {
		const { code } = transformFileSync(file, {
			swcrc: false,
			jsc: { target: "es2022" },
			module: { type: "commonjs" }
		});
		writeFileSync(join(COMMON_JS, basename(file)), code);
	}
	for (const file of globSync(join(MODULES, "*.d.ts"))) copyFileSync(file, join(COMMON_JS, basename(file)));
}

completeClient();
