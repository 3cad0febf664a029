import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LOG_CODES } from "./log-codes";

const ROOT = join(__dirname, "..");
const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
const sources = globSync(
	"{main.ts,{infrastructure,invariants,middlewares,mixins,services,repl,scripts}/**/*.ts}",
	{
		cwd: ROOT
	}
).filter(file => !file.endsWith(".spec.ts") && !file.endsWith("log-codes.ts"));

it("has every error logged under a code", () => {
	const bare = sources.filter(file => /\blog(ger)?\??\.(error|fatal)\(/.test(read(file)));

	expect(sources.length).toBeGreaterThan(300);
	expect(bare).toEqual([]);
});

it("has no code that nothing logs", () => {
	const text = sources.map(read).join("\n");
	const unused = Object.keys(LOG_CODES).filter(code => !text.includes(`"${code}"`));

	expect(unused).toEqual([]);
});

it("is explained code by code in the documentation", () => {
	const rows = [...read("docs/log-codes.md").matchAll(/^\| `([A-Z_]+)` \| ([^|]+) \|[^|]+\|[^|]+\|$/gm)];

	expect(rows.map(([, code, text]) => [code, text?.trim()])).toEqual(Object.entries(LOG_CODES));
});
