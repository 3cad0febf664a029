"use strict";
// `node -r zjmall/test my.test.ts`: as zjmall/register, embedded, with an empty data folder that is removed at the end.
const { mkdtempSync, rmSync } = require("fs");
const { tmpdir } = require("os");
const { join } = require("path");

const folder = mkdtempSync(join(tmpdir(), "zjmall-test-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
for (const name of ["NATS_URL", "MONGO_URL", "REDIS_URL"]) delete process.env[name];
Object.assign(process.env, { NODE_ENV: "test", DATA_DIR: folder });
require("./register.js");
