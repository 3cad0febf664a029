import { globSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { ServiceSchema } from "moleculer";
import { generateDocuments } from "../../scripts/documents/generate";
import { listServiceFiles } from "../../scripts/new/service-files";
import { readFactRoutes } from "../../scripts/documents/fact-routes";
import { configKeys } from "../../schemas/config-keys";
import { VARIABLES } from "../../settings";
import { ROOT } from "../support/root";

const read = (file: string) => readFileSync(join(ROOT, file), "utf8");

type Folder = { readonly sources: string; readonly schema: ServiceSchema };
const folders: Folder[] = readdirSync(join(ROOT, "services"), { withFileTypes: true })
	.filter(entry => entry.isDirectory())
	.map(({ name }) => {
		const files = readdirSync(join(ROOT, "services", name), { recursive: true, encoding: "utf8" });
		const code = files.filter(file => file.endsWith(".ts") && !file.endsWith(".spec.ts"));
		const main = code.find(file => file.endsWith(".service.ts")) ?? "";
		return {
			sources: code.map(file => read(join("services", name, file))).join("\n"),
			schema: (require(join(ROOT, "services", name, main)) as { default: ServiceSchema }).default
		};
	});

/** The cells of every row of a document's tables whose first cell is in backticks. */
const rowsOf = (file: string): string[][] =>
	read(file)
		.split("\n")
		.filter(line => /^\| `/.test(line))
		.map(line =>
			line
				.slice(1, -1)
				.split(/(?<!\\)\|/)
				.map(cell => cell.trim())
		);
const names = (cell = "") => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);

it("has the parts that are made from the code as `npm run docs:generate` makes them", () => {
	const documents = generateDocuments();

	const stale = [...documents].filter(([file, text]) => read(file) !== text).map(([file]) => file);

	expect(stale).toEqual([]);
	expect([...documents.keys()]).toContain("docs/states.md");
	expect(read("docs/states.md")).toContain("pending_payment --> paid\n");
});

it("names a fact's publisher where the code of that service publishes it", () => {
	const published = (publisher: string, name: string) =>
		folders.some(
			({ sources, schema }) =>
				schema.name === publisher && new RegExp(`(fact\\(\\s*|fact: )"${name}"`).test(sources)
		);

	const unpublished = [...readFactRoutes()].filter(([name, { publisher }]) => !published(publisher, name));

	expect(unpublished.map(([name]) => name)).toEqual([]);
});

it("shows in the tutorial what `npm run new` writes", () => {
	const written = Object.values(listServiceFiles("badges")).join("\n");
	const [, chapter = ""] = /\n## 2\. ([^]+?)\n## 3\. /.exec(read("docs/tutorial.md")) ?? [];

	const shown = [...chapter.matchAll(/```ts\n([^]+?)\n```/g)].map(([, code = ""]) => code);

	expect(shown).toHaveLength(3);
	expect(shown.filter(code => !written.includes(code))).toEqual([]);
});

it("names the owner of every collection", () => {
	const owned = folders.flatMap(({ sources, schema }) =>
		[...sources.matchAll(/collection<[^(]+>\(\s*"(\w+)"/g)].map(([, name]) => [
			`\`${name}\``,
			schema.name
		])
	);

	const documented = rowsOf("docs/architecture.md").map(cells => cells.slice(0, 2));

	expect(documented).toEqual(expect.arrayContaining(owned));
});

it("lists every setting that can be changed while running, with its default", () => {
	const initial = Object.entries(configKeys).map(([key, { initial: value }]) => [
		`\`${key}\``,
		`\`${String(value)}\``
	]);

	const documented = rowsOf("docs/operations.md").map(cells => cells.slice(0, 2));

	expect(documented).toEqual(expect.arrayContaining(initial));
});

it.each(["README.md", "README.en.md"])("lists every environment variable in %s", file => {
	const documented = rowsOf(file).flatMap(([name]) => names(name));

	expect(documented.toSorted()).toEqual(VARIABLES.toSorted());
});

it("explains only log messages that the code writes", () => {
	const files = globSync("{services,infrastructure,middlewares,mixins,invariants}/**/*.ts", { cwd: ROOT });
	const code = files
		.filter(file => !file.endsWith(".spec.ts"))
		.map(read)
		.join("\n");
	const [, section = ""] = /## Logs\n([^]+?)\n## /.exec(read("docs/operations.md")) ?? [];
	const rows = section.split("\n").filter(line => line.startsWith("| `"));

	const messages = rows.flatMap(row => names(row.split(" | ")[0]));

	expect(messages.length).toBeGreaterThan(5);
	expect(messages.filter(message => !code.includes(message))).toEqual([]);
});

it("lists every decision under its title", () => {
	const files = readdirSync(join(ROOT, "docs/adr"))
		.filter(file => /^\d{4}-/.test(file))
		.toSorted();
	const titles = files.map(file => {
		const [, number, title] = /^# (\d+)\. (.+)$/m.exec(read(`docs/adr/${file}`)) ?? [];
		return `${number}. [${title}](${file})`;
	});

	const listed = read("docs/adr/README.md")
		.split("\n")
		.filter(line => /^\d/.test(line));

	expect(listed).toEqual(titles);
});

describe("documents", () => {
	const ignored = [".git", ...read(".gitignore").split("\n")].map(line => line.replace(/\/$/, ""));
	const files = globSync("**", { cwd: ROOT, exclude: file => ignored.includes(basename(file)) }).filter(
		file => !ignored.includes(`/${file.split("/")[0]}`)
	);
	const documents = files.filter(file => file.endsWith(".md"));
	const topFolders = new Set(files.filter(file => file.includes("/")).map(file => file.split("/")[0]));

	/** Names of files in the examples of how a file is named, and of the SDKs that test vectors come from. */
	const foreign = (document: string, name: string) =>
		document.endsWith("vectors/README.md") || ["my.service.ts", "0001-what-it-does.ts"].includes(name);
	/** Whether the path fits a pattern, in which `*` and `<…>` stand for any name. */
	const fits = (path: string, pattern: string) =>
		new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll(/<.+?>|\*/g, "[^/]*")}$`).test(path);
	const exists = (pattern: string) => files.some(file => fits(file, pattern.replace(/\/$/, "")));
	const inCode = (document: string) =>
		[...read(document).matchAll(/`([^`\n]+)`/g)].flatMap(([, code = ""]) => code.split(/[\s,;=]+/));
	/** The anchors that GitHub gives to a document's headings. */
	const anchorsOf = (document: string) =>
		[...read(document).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
			heading
				.toLowerCase()
				.replaceAll(/[^\p{L}\p{N} _-]/gu, "")
				.replaceAll(" ", "-")
		);

	it.each(documents)("%s links only to files and headings that exist", document => {
		const targets = [...read(document).matchAll(/\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"/g)]
			.map(([, link = "", attribute = ""]) => link || attribute)
			.filter(target => !/^[a-z]+:/.test(target));

		const broken = targets.filter(target => {
			const [path = "", anchor] = target.split("#");
			const file = path ? join(dirname(document), path) : document;
			return !exists(file) || (anchor !== undefined && !anchorsOf(file).includes(decodeURI(anchor)));
		});

		expect(broken).toEqual([]);
	});

	it.each(documents)("%s names only files and folders that exist", document => {
		const missing = inCode(document).filter(word => {
			if (foreign(document, word)) return false;
			if (/^[\w.<>*-]+\/[\w./<>*-]*$/.test(word))
				return topFolders.has(word.split("/")[0]) && !exists(word);
			return (
				/^[\w.<>*-]+\.(ts|js|md|yml|html|css)$/.test(word) &&
				!files.some(file => fits(basename(file), word))
			);
		});

		expect(missing).toEqual([]);
	});

	it.each(documents)("%s names only npm scripts that exist", document => {
		const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };

		const named = [...read(document).matchAll(/npm run ([\w:-]+)/g)].map(([, name = ""]) => name);

		expect(named.filter(name => !(name in scripts))).toEqual([]);
	});
});
