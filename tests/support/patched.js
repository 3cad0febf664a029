const { readFileSync } = require("node:fs");
const { join, resolve } = require("node:path");

const ROOT = resolve(__dirname, "../..");

/**
 * Has ts-node, loaded after this, compile the files of these edits as the edits have them; nothing on disk changes. An edit
 * replaces a text that stands once in its file.
 * @param {readonly { readonly file: string, readonly from: string, readonly to: string }[]} edits
 */
module.exports = edits => {
	// ts-node wraps the handler that it finds, and compiles what that one reads.
	require.extensions[".ts"] = (module, file) => {
		let text = readFileSync(file, "utf8");
		for (const { from, to, file: name } of edits.filter(edit => join(ROOT, edit.file) === file)) {
			if (text.split(from).length !== 2)
				throw new Error(`An edit does not fit ${name} any more: ${from}`);
			text = text.replace(from, () => to);
		}
		module._compile(text, file);
	};
};
