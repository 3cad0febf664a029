/** `npm run docs:generate`: writes the parts of the documents that are made from the code. */
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatEventCatalogue } from "./event-catalogue";
import { redrawPictures } from "./pictures";

const ROOT = join(__dirname, "../..");

/** Every document of `docs/` with such a part, by its path, as it should be. */
export function generateDocuments(): Map<string, string> {
	const drawn = globSync("docs/**/*.md", { cwd: ROOT })
		.map((file): [string, string] => [file, readFileSync(join(ROOT, file), "utf8")])
		.filter(([, text]) => text.includes("<!-- picture: "))
		.map(([file, text]): [string, string] => [file, redrawPictures(text)]);
	return new Map([["docs/event-catalogue.md", formatEventCatalogue()], ...drawn]);
}

if (require.main === module)
	for (const [file, text] of generateDocuments()) writeFileSync(join(ROOT, file), text);
