import { cpSync } from "node:fs";
import { join } from "node:path";

/** The last step of `npm run build`: copies the files that are served as they are, and those that run on an old Node. */
const root = join(__dirname, "..");
cpSync(join(root, "public"), join(root, "dist/public"), { recursive: true });
for (const name of ["needed-node.js", "preflight.js", "doctor.js"])
	cpSync(join(root, "scripts", name), join(root, "dist/scripts", name));
