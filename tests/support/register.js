const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const { enableCompileCache } = require("node:module");
const { join, resolve } = require("node:path");
const swc = require("@swc/core/package.json");

// `node -r ./tests/support/register.js file.ts`: a child process of the tests loads TypeScript by this in half the time that
// ts-node takes, because every compiled file is kept for the next process. The code that runs is the same.
const ROOT = resolve(__dirname, "../..");
const KEPT = join(ROOT, "node_modules/.cache/zjmall/compiled");
const OPTIONS = {
	jsc: { target: "es2022", parser: { syntax: "typescript" }, keepClassNames: true },
	// In this order a driver that the process does not use is never loaded.
	module: { type: "commonjs", lazy: require("./lazy-modules") },
	// Read only with NODE_OPTIONS=--enable-source-maps: to have lines of the source in every stack takes a sixth of a start.
	sourceMaps: "inline"
};
const edits = [];

enableCompileCache(join(KEPT, "v8"));
mkdirSync(KEPT, { recursive: true });

function edited(file) {
	let text = readFileSync(file, "utf8");
	for (const { from, to, file: name } of edits.filter(edit => join(ROOT, edit.file) === file)) {
		if (text.split(from).length !== 2) throw new Error(`An edit does not fit ${name} any more: ${from}`);
		text = text.replace(from, () => to);
	}
	return text;
}

function compiled(text, filename) {
	const key = createHash("sha256").update(`${swc.version}${JSON.stringify(OPTIONS)}${filename}\n${text}`);
	const kept = join(KEPT, `${key.digest("hex")}.js`);
	try {
		return readFileSync(kept, "utf8");
	} catch {
		const { code } = require("@swc/core").transformSync(text, { ...OPTIONS, filename });
		// Renamed into place, so that no other process reads half of it.
		const unfinished = `${kept}.${process.pid}`;
		writeFileSync(unfinished, code);
		renameSync(unfinished, kept);
		return code;
	}
}

require.extensions[".ts"] = (module, file) => module._compile(compiled(edited(file), file), file);

/**
 * Has this process compile the files of these edits as the edits have them; nothing on disk changes. An edit replaces a text
 * that stands once in its file.
 * @param {readonly { readonly file: string, readonly from: string, readonly to: string }[]} more
 */
exports.patch = more => edits.push(...more);
