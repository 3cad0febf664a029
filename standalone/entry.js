"use strict";
// The package's entry: the sources where ts-node compiles them, otherwise what `npm run build` has written.
module.exports = require.extensions[".ts"]
	? require("./exports.ts")
	: require("../dist/standalone/exports.js");
