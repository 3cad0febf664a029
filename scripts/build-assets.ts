import { cpSync } from "node:fs";
import { join } from "node:path";

/** The last step of `npm run build`: copies the files that are served as they are. */
const root = join(__dirname, "..");
cpSync(join(root, "public"), join(root, "dist/public"), { recursive: true });
