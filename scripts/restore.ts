import { resolve } from "node:path";
import { parseArgs } from "node:util";
import type * as BackendsModule from "../infrastructure/backends";
import type * as MigrationsModule from "../infrastructure/documents/migrations";
import type * as SqliteBackupModule from "../infrastructure/sqlite-backup";
import type * as LostModule from "./find-lost";
import type * as MiddlewareModule from "../middlewares/migrations.middleware";
import { beijingDay } from "../schemas/values/beijing-day";
import { DAY_MS } from "../schemas/values/durations";
import type * as SettingsModule from "../settings";
import { load, runCommand } from "./run-command";

const USAGE = "npm run restore -- <备份文件 backup file>";
/** Days whose reconciliation is printed one by one. */
const MAX_DAYS = 31;

const print = (line: string) => process.stdout.write(`${line}\n`);

/**
 * `npm run restore -- <file>` puts a backup in the place of the data folder's database, keeps the replaced data beside it, and
 * prints what is left to do. It refuses while the shop runs, and a file that is damaged, of something else or of a newer
 * version. On MongoDB it says what to use instead.
 */
async function restore(): Promise<void> {
	const { positionals } = parseArgs({ allowPositionals: true });
	const [name] = positionals;
	if (name === undefined || positionals.length > 1) throw new Error(USAGE);
	const { settings } = load<typeof SettingsModule>("../settings");
	const { backends } = load<typeof BackendsModule>("../infrastructure/backends");
	const { readBackup, restoreDatabase } = load<typeof SqliteBackupModule>(
		"../infrastructure/sqlite-backup"
	);
	if (settings.mongo)
		throw new Error(
			"设置了 MONGO_URL，数据在 MongoDB 中：请用 mongorestore --oplogReplay 恢复，步骤见 docs/operations.md / MONGO_URL is set, so the data is in MongoDB: use mongorestore --oplogReplay as docs/operations.md says (Backup and restore)"
		);
	const file = resolve(name);
	const { at, migrations } = readBackup(file);
	await refuseUnknownMigrations(file, migrations);
	backends.lock("exclusive");
	const replaced = restoreDatabase(settings.dataDir, file);
	print(`已恢复 restored: ${file} -> ${settings.dataDir}`);
	print(`备份时间 data as of: ${at.toISOString()}`);
	if (replaced !== null) {
		print(`原数据保留在 the replaced data is kept in: ${replaced}`);
		printLost(settings.dataDir, replaced);
	}
	if (settings.nats || settings.redis)
		print(
			"启动前请先清空消息流和缓存（见 docs/operations.md） / before the start, delete the stream of NATS and the keys of Redis: docs/operations.md"
		);
	printWhatIsLeft(at);
	await backends.close();
}

async function refuseUnknownMigrations(file: string, applied: readonly string[]): Promise<void> {
	const { loadMigrations } = load<typeof MigrationsModule>("../infrastructure/documents/migrations");
	const { MIGRATIONS_FOLDER } = load<typeof MiddlewareModule>("../middlewares/migrations.middleware");
	const known = new Set((await loadMigrations(MIGRATIONS_FOLDER)).map(migration => migration.name));
	const unknown = applied.filter(migration => !known.has(migration));
	if (unknown.length > 0)
		throw new Error(
			`${file} 由更新的版本写入 / ${file} was written by a newer version: it went through ${unknown.join(", ")}`
		);
}

/** Prints what the replaced data has and the restored has not, where the replaced data can be read. */
function printLost(dataDir: string, replaced: string): void {
	const { findLost } = load<typeof LostModule>("./find-lost");
	const lost = findLost(dataDir, replaced);
	if (lost === null) {
		print("原数据无法读取 the replaced data can't be read, so what is lost is not known");
		return;
	}
	print(`丢失 lost: ${lost.orders} 订单 orders, ${lost.parcels} 包裹 parcels`);
	for (const { what, no, channel, amount, status } of lost.money)
		print(`丢失 lost: ${what} ${no} ${channel} ${amount} 分 fen, ${status}`);
}

function printWhatIsLeft(at: Date): void {
	print("\n接下来 What is left to do:");
	print("1. npm run check-invariants -- --full，然后 then: npm start");
	print(
		"2. 备份前创建、备份后付款的支付：商城会自动向渠道查询 / payments begun before the backup and paid after it: the shop asks the channels by itself"
	);
	print(
		"3. 备份后创建的支付和退款商城不知道。请逐日对账，theirsOnly 中的是它们：在渠道退款，或照原数据处理 / payments and refunds begun after the backup are unknown to the shop. Reconcile each day; `theirsOnly` lists them: refund them at the channel, or act as the replaced data says:"
	);
	for (const date of listDays(at, new Date()))
		print(`     GET /api/v1/admin/payments/reconciliation?date=${date}&again=true`);
	print("   渠道次日 10 点才有账单 the channels have the bill of a day at 10 the next morning");
	print(
		"4. 备份后发出的包裹显示为未发货：发货前请核对快递单，并盘点库存 / parcels sent after the backup show as not sent: compare with the carrier before you send anything, and count the stock"
	);
}

/** The days in Beijing from one time to another, the last MAX_DAYS of them. */
function listDays(from: Date, to: Date): string[] {
	const days: string[] = [];
	for (let at = to; days.length < MAX_DAYS && beijingDay(at) >= beijingDay(from); at = dayBefore(at))
		days.unshift(beijingDay(at));
	return days;
}

const dayBefore = (at: Date) => new Date(at.getTime() - DAY_MS);

runCommand(restore);
