#!/usr/bin/env node
"use strict";
// `zjmall my.service.ts …`: runs services of another folder, with NATS_URL beside the shop, otherwise in an embedded shop of
// their own. Compiled services (.js) run on the compiled shop.
const { join } = require("path");

const args = process.argv.slice(2);
if (args.length === 0) {
	process.stderr.write("用法 / usage: zjmall <file>.service.ts …\n");
	process.exit(1);
}
const isOnBus = process.env.NATS_URL || process.env.NATS_URL_FILE;
if (isOnBus && !args.includes("none")) process.argv.splice(2, 0, "none");
const isSource = args.some(argument => argument.endsWith(".service.ts"));
if (isSource) require("./register.js");
require(join(__dirname, "..", isSource ? "main.ts" : "dist/main.js"));
