import { cpSync } from "node:fs";
import { dirname, join } from "node:path";

/** The last step of `npm run build`: copies the files that are served as they are, and those that run on an old Node. */
const root = join(__dirname, "..");
cpSync(join(root, "public"), join(root, "dist/public"), { recursive: true });
for (const name of ["needed-node.js", "preflight.js", "doctor.js"])
	cpSync(join(root, "scripts", name), join(root, "dist/scripts", name));
// Copied, since the rest of the package is ten times as large and production does without.
const swagger = dirname(require.resolve("swagger-ui-dist/package.json"));
for (const name of ["swagger-ui.css", "swagger-ui-bundle.js"])
	cpSync(join(swagger, name), join(root, "dist/public", name));
