"use strict";
// `node -r zjmall/register file.ts` runs TypeScript of another folder with the compiler and the settings of this one. Child
// processes find the settings by the variable.
const { join } = require("path");

process.env.TS_NODE_PROJECT = join(__dirname, "../tsconfig.json");
require("../scripts/preflight.js");
require("ts-node/register");
