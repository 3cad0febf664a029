import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ServiceSchema } from "moleculer";
import { configKeys } from "../../schemas/config-keys";
import { events } from "../../schemas/registry";
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
const listed = (found: readonly string[]) => found.toSorted().join(", ") || "–";

it("tells of every fact who says and who hears it", () => {
	const known = Object.keys(events).toSorted();

	const documented = rowsOf("docs/architecture.md").filter(([name]) => names(name)[0]?.includes("."));

	const actual = known.map(event => [
		`\`${event}\``,
		listed(
			folders
				.filter(({ sources }) => new RegExp(`(fact\\(\\s*|fact: )"${event}"`).test(sources))
				.map(({ schema }) => schema.name)
		),
		listed(folders.filter(({ schema }) => schema.events?.[event]).map(({ schema }) => schema.name))
	]);
	expect(documented.map(cells => cells.slice(0, 3))).toEqual(actual);
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
	const asked = [
		...read("settings.ts").matchAll(/(?:text|int|oneOf|required|pem|url|file)\("([A-Z_0-9]+)"/g)
	];

	const documented = rowsOf(file).flatMap(([name]) => names(name));

	expect(documented.toSorted()).toEqual(
		[...new Set(["NODE_ENV", ...asked.map(([, name = ""]) => name)])].toSorted()
	);
});
