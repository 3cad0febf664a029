import { closeSync, openSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

export const LOCK_FILE = "zjmall.lock";
const PID_FILE = /^running-(\d+)$/;

export type FolderLock = { readonly release: () => void };

/** Another process uses the data folder. */
export class FolderInUseError extends Error {}

/**
 * Locks the data folder: `shared` for a process of the shop, of which any number may run, `exclusive` for a command that must
 * run alone. Throws a FolderInUseError when it can't be had. The operating system releases the lock with the process, also
 * after `kill -9`, and processes in different containers see each other's: it is a lock of SQLite on a file without content.
 * Each shared holder also writes a file `running-<pid>`, for the message that names the processes.
 */
export function lockDataFolder(dataDir: string, kind: "shared" | "exclusive"): FolderLock {
	const path = join(dataDir, LOCK_FILE);
	closeSync(openSync(path, "a", 0o600));
	const db = new DatabaseSync(path, { timeout: 0 });
	try {
		// A transaction that only reads holds the shared lock until it ends.
		db.exec(kind === "shared" ? "BEGIN; SELECT 1 FROM sqlite_schema" : "BEGIN EXCLUSIVE");
	} catch (err) {
		db.close();
		throw isBusy(err) ? new FolderInUseError(describeUse(dataDir, kind), { cause: err }) : err;
	}
	if (kind === "exclusive") removePidFiles(dataDir);
	const pidFile = join(dataDir, `running-${process.pid}`);
	if (kind === "shared") writeFileSync(pidFile, "", { mode: 0o600 });
	return {
		release() {
			if (kind === "shared") rmSync(pidFile, { force: true });
			db.close();
		}
	};
}

function describeUse(dataDir: string, kind: "shared" | "exclusive"): string {
	if (kind === "shared")
		return `数据目录正被另一条命令独占，请稍后再试 / a command such as reset has the data folder ${dataDir} for itself: try again when it has ended`;
	const pids = listPids(dataDir).filter(isAlive);
	const named = pids.length ? ` (pid ${pids.join(", ")})` : "";
	return `商城正在运行${named}，请先停止它 / the shop in ${dataDir} is running${named}: stop it first`;
}

/** The processes of the shop in the folder, those included that were killed and have not been replaced. */
export const listPids = (dataDir: string): number[] =>
	readdirSync(dataDir).flatMap(name => PID_FILE.exec(name)?.slice(1, 2).map(Number) ?? []);

/** Removes what processes left that were killed. */
function removePidFiles(dataDir: string): void {
	for (const pid of listPids(dataDir)) rmSync(join(dataDir, `running-${pid}`), { force: true });
}

export function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (err) {
		return err instanceof Error && "code" in err && err.code === "EPERM";
	}
}

const SQLITE_BUSY = 5;
const isBusy = (err: unknown) =>
	typeof err === "object" &&
	err !== null &&
	"errcode" in err &&
	(Number(err.errcode) & 0xff) === SQLITE_BUSY;
