import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { settings } from "../settings";

/** `npm run reset`: deletes the embedded shop's data, and nothing else of the folder. */
const files = ["zjmall.db", "zjmall.db-wal", "zjmall.db-shm"].map(name => join(settings.dataDir, name));
const present = files.filter(file => existsSync(file));
for (const file of present) rmSync(file);
process.stdout.write(
	present.length
		? `已清空 deleted: ${present.join(", ")}\n`
		: `没有数据 nothing to delete in ${settings.dataDir}\n`
);
