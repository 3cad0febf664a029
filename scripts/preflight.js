"use strict";
// Ends a start with one line where Node is too old or the packages are missing: `node -r ./scripts/preflight.js …`, and first of
// all in main.ts. Runs on every Node since 12: plain JavaScript without anything younger.
const { existsSync } = require("fs");
const { basename, dirname, join } = require("path");
const { describeWrongNode, root } = require("./needed-node.js");

function refuse(line) {
	process.stderr.write(line + "\n");
	process.exit(1);
}

const wrongNode = describeWrongNode(process.versions.node);
if (wrongNode) refuse(wrongNode);
if (!existsSync(join(root, "node_modules/moleculer")))
	refuse("尚未安装依赖，请先运行 npm ci / The packages are not installed: run npm ci first");
const isSource = basename(dirname(__dirname)) !== "dist";
if (isSource && !existsSync(join(root, "node_modules/ts-node")))
	refuse(
		"没有开发依赖，无法从源码运行：运行 npm ci，或用 node dist/main.js 运行编译好的商城 / The packages for development are missing, so the sources can't run: npm ci, or run the compiled shop by node dist/main.js"
	);
