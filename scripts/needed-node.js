"use strict";
// Which Node the shop needs, by package.json. Plain JavaScript that runs on every Node since 12.
const { readFileSync } = require("fs");
const { basename, dirname, join } = require("path");

const above = dirname(__dirname);
/** The folder of package.json and node_modules: above this folder, or above dist/. */
const root = basename(above) === "dist" ? dirname(above) : above;

/** The oldest Node that fits, as in "22.13". */
const neededNode = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).engines.node.replace(
	">=",
	""
);

const HOW_TO_GET_NODE =
	"Linux: npm ci && npm start (Node 24 comes with the packages); macOS: brew install node; Windows: winget install OpenJS.NodeJS; nvm: nvm install 24";

/** Null for a Node that is new enough, otherwise one line that says which is needed and how to get it. */
function describeWrongNode(version) {
	const [major, minor] = version.split(".").map(Number);
	const [neededMajor, neededMinor] = neededNode.split(".").map(Number);
	if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) return null;
	return `需要 Node ${neededNode} 或更新版本，当前是 ${version} / Node ${neededNode} or later is needed, this is ${version}. ${HOW_TO_GET_NODE}`;
}

module.exports = { root, describeWrongNode };
