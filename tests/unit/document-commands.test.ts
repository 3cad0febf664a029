import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { configKeys } from "../../schemas/config-keys";
import type { Action } from "../../schemas/kit/contract";
import { contracts } from "../../schemas/registry";
import { replCommands } from "../../repl/repl";
import { EVENT_ROUTES } from "../../services/api/live-events/event-routes";
import { VARIABLES } from "../../settings";
import { ROOT } from "../support/root";
import { PUBLISHED_ROUTES } from "../support/published-routes";

const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
/** Decisions of the past and the log of changes may name what is there no more. */
const DOCUMENTS = globSync(["README*.md", "docs/*.md", "docs/zh/*.md", "sdk/README.md"], { cwd: ROOT });

const find = (text: string, pattern: RegExp): string[] =>
	[...text.matchAll(pattern)].map(([, found = ""]) => found);
/** The texts of a document's blocks of code. */
const blocksOf = (text: string) => find(text, /^ *```\w*[^\n]*\n([^]*?)^ *```$/gm);
/** Commands of blocks, each on one line. */
const commandsOf = (text: string) =>
	blocksOf(text).flatMap(block => block.replaceAll(/\\\n\s*/g, " ").split("\n"));

const ROUTES = [
	...PUBLISHED_ROUTES.map(({ route }) => route),
	"GET /me/badges", // the service that the tutorial writes
	...EVENT_ROUTES.map(({ path }) => `GET ${path}`),
	...["/health/live", "/health/ready", "/metrics", "/openapi.json", "/asyncapi.json"].map(
		path => `GET ${path}`
	)
];
/** Whether there is such a route: a part of its path may be a parameter, an example of one, or a variable of the shell. */
function isRoute(method: string, path: string): boolean {
	const wanted = path.replace(/^\/api\/v1(?=\/)/, "").split("/");
	return ROUTES.some(route => {
		const [verb, own = ""] = route.split(" ");
		const parts = own.split("/");
		return (
			verb === method &&
			parts.length === wanted.length &&
			parts.every((part, n) => /^[:*]/.test(part) || wanted[n]?.startsWith(":") || part === wanted[n])
		);
	});
}

/** The method and the path of what a line requests by curl. */
function readRequest(line: string): { readonly method: string; readonly path: string } | null {
	const path = /curl [^|]*?(?:\$API|\$MALL|http:\/\/127\.0\.0\.1:3000)(\/[^"'\s?|]*)/.exec(line)?.[1];
	if (path === undefined) return null;
	const [request = ""] = line.split("|");
	const sendsBody = /\s(-d|-F|--data-binary)\s/.test(request) && !/\s-s?G\s/.test(request);
	return { method: / -X (\w+)/.exec(line)?.[1] ?? (sendsBody ? "POST" : "GET"), path };
}

/** The parameters of an action; undefined for one of the examples, which no contract has. */
function findParams(name: string): object | undefined {
	const [service, key = ""] = name.split(".");
	const contract = Object.values(contracts).find(one => one.name === service);
	return (contract?.actions as Record<string, Action> | undefined)?.[key]?.params;
}
const EXAMPLES = ["badges.get", "loyalty.points"];

it.each(DOCUMENTS)("%s names only routes that exist", document => {
	const text = read(document);
	const requests = [
		...[...text.matchAll(/`(GET|POST|PUT|PATCH|DELETE) (\/[^\s`?]+)[^`]*`/g)].map(
			([, method = "", path = ""]) => ({ method, path })
		),
		...commandsOf(text).flatMap(line => readRequest(line) ?? [])
	];

	expect(requests.filter(({ method, path }) => !isRoute(method, path))).toEqual([]);
});

it.each(DOCUMENTS)("%s names only actions and commands of the REPL that exist", document => {
	const text = read(document);
	const calls = [...text.matchAll(/\bcall ([a-z]\w*\.\w+)((?: --\w+ [^\s`]+)*)/g)].map(
		([, name = "", options = ""]) => ({ name, params: find(options, /--(\w+)/g) })
	);
	const known = replCommands.flatMap(({ command }) => command.split(" ")[0] ?? []);

	const wrong = calls.filter(
		({ name, params }) =>
			!EXAMPLES.includes(name) && !params.every(param => Object.hasOwn(findParams(name) ?? {}, param))
	);
	const unknown = calls.filter(({ name }) => !EXAMPLES.includes(name) && !findParams(name));
	const commands = find(text, /`mall (\w+)/g).filter(command => !known.includes(command));

	expect([wrong, unknown, commands]).toEqual([[], [], []]);
});

it.each(DOCUMENTS)("%s sets only variables and config values that exist", document => {
	const text = read(document);
	const lines = commandsOf(text);
	const set = lines.flatMap(line => find(line, /(?:^|\s)([A-Z][A-Z0-9_]+)=/g));
	const keys = find(lines.join("\n"), /admin\/config\/([\w.]+)/g);

	const strange = set.filter(
		name =>
			!VARIABLES.some(variable => name === variable || name === `${variable}_FILE`) &&
			!new RegExp(`\\$\\{?${name}\\b`).test(text)
	);

	expect(strange).toEqual([]);
	expect(keys.filter(key => !Object.hasOwn(configKeys, key))).toEqual([]);
});

it.each(DOCUMENTS)("%s gives scripts only options that they have", document => {
	const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
	const runs = [...read(document).matchAll(/npm run ([\w:-]+) -- ([^`\n]*)/g)];

	const unknown = runs.flatMap(([, name = "", rest = ""]) => {
		const [command = ""] = rest.split(/\s#|&&|\|/);
		const file = /[\w/.-]+\.(?:ts|js)$/.exec(scripts[name] ?? "")?.[0];
		const source = file === undefined ? "" : read(file);
		return find(command, /(?:^|\s)--([\w-]+)/g)
			.filter(
				option =>
					!source.includes(`--${option}`) && !new RegExp(`["']?${option}["']?[:,\\s]`).test(source)
			)
			.map(option => `${name} --${option}`);
	});

	expect(unknown).toEqual([]);
});
