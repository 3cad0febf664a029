import { join } from "node:path";

/** The project's folder. */
export const ROOT = join(__dirname, "../..");

/** Arguments with which `node` runs a TypeScript file of the project, as a child process of a test. */
export const RUN_TYPESCRIPT = ["-r", join(ROOT, "tests/support/register.js")];
