const { readFileSync } = require("node:fs");
const { join, resolve } = require("node:path");
const mutants = require("./mutants");

/**
 * Loaded before ts-node (`node -r ./tests/mutants/load.js -r ts-node/register main.ts`) with `MUTANT=<name>`: the mutant's
 * files are read as its edits have them. Nothing on disk changes.
 */
const ROOT = resolve(__dirname, "../..");
const mutant = mutants.find(({ name }) => name === process.env.MUTANT);
if (!mutant) {
	process.stderr.write(
		`No such mutant: ${process.env.MUTANT}. There are: ${mutants.map(({ name }) => name).join(", ")}\n`
	);
	process.exit(2);
}

// ts-node wraps the handler that it finds and compiles what that one reads.
require.extensions[".ts"] = (module, file) => {
	let text = readFileSync(file, "utf8");
	for (const edit of mutant.edits.filter(({ file: name }) => join(ROOT, name) === file)) {
		if (text.split(edit.from).length !== 2)
			throw new Error(`${mutant.name} does not fit ${edit.file} any more`);
		text = text.replace(edit.from, () => edit.to);
	}
	module._compile(text, file);
};
