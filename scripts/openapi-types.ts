import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { format } from "prettier";
import { describeFacts, type FactDescription } from "../services/api/asyncapi";
import { buildOpenApi } from "../services/api/openapi/openapi";

const GENERATOR = join(__dirname, "../node_modules/openapi-typescript/bin/cli.js");
/** Lines this long keep an operation on a screen: most of it repeats what every operation has. */
const LAYOUT = { parser: "typescript", printWidth: 240, objectWrap: "collapse", useTabs: true } as const;
const METHOD_THAT_A_PATH_LACKS = /^ {8}(get|put|post|delete|options|head|patch|trace)\?: never;\n/gm;
const PARAMETERS_THAT_A_PATH_LACKS = /^ {8}parameters: \{\n( {12}\w+\?: never;\n)+ {8}\};\n/gm;
const COMMENT = /^ *\/\*\*.*?\*\/\n/gms;

/**
 * The types of a client by the OpenAPI document, as openapi-typescript makes them, in a quarter of its lines: what a path does
 * not have is left out, and of the comments only the summaries are kept. The payload of each fact is a schema of its name.
 */
async function formatClientTypes(): Promise<string> {
	const [paths = "", rest = ""] = generate().split(/^(?=export type webhooks)/m);
	const lean = paths
		.replace(METHOD_THAT_A_PATH_LACKS, "")
		.replace(PARAMETERS_THAT_A_PATH_LACKS, "")
		.replace(/^( *)\/\*\*\n *\* (.*)\n(?:.*\n)*?\1 \*\/\n/gm, "$1/** $2 */\n");
	const facts = describeFacts();
	const names = [
		toUnion("FactName", "Every fact of the shop.", facts),
		toUnion(
			"UserFactName",
			"The facts that concern one user.",
			facts.filter(({ user }) => user !== null)
		)
	];
	return format([lean + rest.replace(COMMENT, ""), ...names].join("\n"), LAYOUT);
}

const toUnion = (type: string, about: string, facts: readonly FactDescription[]): string =>
	`/** ${about} */\nexport type ${type} = ${facts.map(({ name }) => JSON.stringify(name)).join(" | ")};`;

/** The OpenAPI document, with the payloads of facts among its schemas. */
function describeApiAndFacts(): object {
	const document = buildOpenApi() as { readonly components: { readonly schemas: object } };
	const payloads = Object.fromEntries(describeFacts().map(({ name, payload }) => [name, payload]));
	const { components } = document;
	return { ...document, components: { ...components, schemas: { ...components.schemas, ...payloads } } };
}

function generate(): string {
	const folder = mkdtempSync(join(tmpdir(), "zjmall-client-"));
	const document = join(folder, "openapi.json");
	writeFileSync(document, JSON.stringify(describeApiAndFacts()));
	try {
		return execFileSync(process.execPath, [GENERATOR, document], {
			encoding: "utf8",
			maxBuffer: 64 * 1024 * 1024
		});
	} finally {
		rmSync(folder, { recursive: true });
	}
}

void formatClientTypes().then(text => process.stdout.write(text));
