import { resolve } from "node:path";
import { parseArgs } from "node:util";
import type * as BackendsModule from "../infrastructure/backends";
import type * as SqliteBackupModule from "../infrastructure/sqlite-backup";
import type * as SettingsModule from "../settings";
import { load, runCommand } from "./run-command";

const USAGE = "npm run backup -- <文件 file>";

/**
 * `npm run backup -- <file>` writes a checked copy of the data folder's database, while the shop runs or not. On MongoDB it says
 * what to use instead.
 */
async function backup(): Promise<void> {
	const { positionals } = parseArgs({ allowPositionals: true });
	const [name] = positionals;
	if (name === undefined || positionals.length > 1) throw new Error(USAGE);
	const { settings } = load<typeof SettingsModule>("../settings");
	const { backends } = load<typeof BackendsModule>("../infrastructure/backends");
	const { backUpDatabase } = load<typeof SqliteBackupModule>("../infrastructure/sqlite-backup");
	if (settings.mongo)
		throw new Error(
			"设置了 MONGO_URL，数据在 MongoDB 中：请用 mongodump --oplog 备份，步骤见 docs/operations.md / MONGO_URL is set, so the data is in MongoDB: use mongodump --oplog as docs/operations.md says (Backup and restore)"
		);
	backends.assertShopExists();
	backends.lock("shared"); // no reset and no restore meanwhile
	const target = resolve(name);
	const { at, bytes } = backUpDatabase(settings.dataDir, target);
	const size = `${(bytes / 1_000_000).toFixed(1)} MB`;
	process.stdout.write(`已备份并检查 backed up and checked: ${target} (${size}, ${at.toISOString()})\n`);
	await backends.close();
}

runCommand(backup);
