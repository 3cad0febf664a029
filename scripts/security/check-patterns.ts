import { execFileSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import * as ts from "typescript";
import type { Action } from "../../schemas/kit/contract";
import type { AnyRule } from "../../schemas/kit/rules";
import { contracts, events } from "../../schemas/registry";

const ROOT = join(__dirname, "../..");
const RECHECK = "recheck@4.5.0";
const CACHE = join(ROOT, "node_modules/.cache/recheck");
/** Folders whose code runs in the shop, and files beside them. */
const SOURCES = "{infrastructure,middlewares,mixins,repl,schemas,services}/**/*.ts";
const TIMEOUT_MS = 10_000;

/** Where a pattern stands: a file, or a contract. */
type Found = { readonly source: string; readonly flags: string; readonly at: string };
type Verdict = {
	readonly status: "safe" | "vulnerable" | "unknown";
	readonly attack?: { readonly pattern: string };
};
type Recheck = {
	checkSync(this: void, source: string, flags: string, options: { timeout: number }): Verdict;
};

/** Loads recheck, which is no dependency of the shop: it brings 57 MB. */
function loadRecheck(): Recheck {
	if (!existsSync(join(CACHE, "node_modules/recheck")))
		execFileSync("npm", ["install", "--silent", "--ignore-scripts", "--prefix", CACHE, RECHECK], {
			stdio: "inherit"
		});
	return createRequire(join(CACHE, "package.json"))("recheck") as Recheck;
}

/** The regular expressions that are written in the source. */
function findLiterals(): Found[] {
	const files = globSync(SOURCES, { cwd: ROOT }).filter(file => !/\.(spec|test)\.ts$/.test(file));
	return files.flatMap(file => {
		const parsed = ts.createSourceFile(
			file,
			readFileSync(join(ROOT, file), "utf8"),
			ts.ScriptTarget.Latest
		);
		const found: Found[] = [];
		const visit = (node: ts.Node): void => {
			if (ts.isRegularExpressionLiteral(node)) {
				const [, source = "", flags = ""] = /^\/(.*)\/([a-z]*)$/s.exec(node.text) ?? [];
				found.push({ source, flags, at: file });
			}
			ts.forEachChild(node, visit);
		};
		visit(parsed);
		return found;
	});
}

/** The patterns of the contracts' parameters, which may be composed at run time. */
function findContractPatterns(): Found[] {
	const found: Found[] = [];
	const visit = (rule: unknown, at: string): void => {
		if (typeof rule !== "object" || rule === null) return;
		const { pattern, items, props, key, value }: Partial<AnyRule> = rule;
		if (pattern instanceof RegExp) found.push({ source: pattern.source, flags: pattern.flags, at });
		for (const inner of [items, key, value, ...Object.values(props ?? {})]) visit(inner, at);
	};
	for (const { name, actions } of Object.values(contracts))
		for (const [action, { params }] of Object.entries<Action>(actions))
			for (const rule of Object.values(params)) visit(rule, `contract ${name}.${action}`);
	for (const [name, { params }] of Object.entries<{ readonly params: object }>(events))
		for (const rule of Object.values<unknown>({ ...params })) visit(rule, `fact ${name}`);
	return found;
}

/**
 * `npm run test:patterns`: checks that no text can hold up a regular expression of the shop (ReDoS). Exit code 1 names those
 * that can, with an attack, and those of which the checker does not know.
 */
function main(): void {
	const { checkSync } = loadRecheck();
	const patterns = new Map(
		[...findLiterals(), ...findContractPatterns()].map(one => [`/${one.source}/${one.flags}`, one])
	);
	let wrong = 0;
	for (const [text, { source, flags, at }] of patterns) {
		const { status, attack } = checkSync(source, flags, { timeout: TIMEOUT_MS });
		if (status === "safe") continue;
		wrong++;
		process.stdout.write(`${status}: ${text} in ${at}${attack ? `: ${attack.pattern}` : ""}\n`);
	}
	process.stdout.write(`${patterns.size} patterns, ${wrong} not known to be safe\n`);
	process.exitCode = wrong > 0 ? 1 : 0;
}

main();
