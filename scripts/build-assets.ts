import { cpSync } from "node:fs";
import { join } from "node:path";

/** The last step of `npm run build`: what is served but not compiled. */
const root = join(__dirname, "..");
cpSync(join(root, "public"), join(root, "dist/public"), { recursive: true });
