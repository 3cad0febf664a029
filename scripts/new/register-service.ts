import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toCamel, toPascal } from "./service-name";

type Edit = { readonly file: string; readonly before: string; readonly insert: string };

/** Where a service is named beside its own files: each `insert` goes before the first place of `before` in the file. */
const listEdits = (name: string): readonly Edit[] => [
	{
		file: "schemas/registry.ts",
		before: "\n/** The contracts of all services.",
		insert: `import { ${toCamel(name)} } from "./${name}.contract";\n`
	},
	{
		file: "schemas/registry.ts",
		before: "\tsandbox\n} satisfies",
		insert: `\t${toCamel(name)},\n`
	},
	{
		file: "services/api/openapi/summaries.ts",
		before: "\tsandbox: {",
		insert: `\t${toCamel(name)}: { en: "${toPascal(name)} of users", zh: "用户的 ${name}" },\n`
	},
	{
		file: "services/api/openapi/summaries.zh.ts",
		before: '\t"payments.approvals"',
		insert: `\t"${toCamel(name)}.mine": "本人购买的次数，以及自何时起",\n`
	},
	{
		file: "docker-compose.yml",
		before: "\n            ]\n    people:",
		insert: `,\n                ${name}`
	},
	{
		file: "deploy/kubernetes/base/catalogue.yaml",
		before: "            volumes:",
		insert: `                      - ${name}\n`
	},
	{
		file: "docs/architecture.md",
		before: "| `users` | users |",
		insert: `| \`${name.replaceAll("-", "_")}\` | ${toCamel(name)} | – (the user is the id) |\n`
	}
];

/** Names a new service wherever the shop lists its services. Throws before any write where a place is not found. */
export function registerService(root: string, name: string): string[] {
	const texts = new Map<string, string>();
	for (const { file, before, insert } of listEdits(name)) {
		const text = texts.get(file) ?? readFileSync(join(root, file), "utf8");
		const at = text.indexOf(before);
		if (at < 0) throw new Error(`${file}: there is no ${JSON.stringify(before)} any more`);
		texts.set(file, text.slice(0, at) + insert + text.slice(at));
	}
	for (const [file, text] of texts) writeFileSync(join(root, file), text);
	return [...texts.keys()];
}
