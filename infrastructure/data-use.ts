import { resolve } from "node:path";
import { lockDataFolder, type FolderLock } from "./data-folder-lock";
import type { Collection } from "./documents/collection";
import { enterDatabase, type DatabaseUse, type RunningProcess } from "./documents/running-processes";
import { assertFileInPlace, createFolder } from "./sqlite-file";

/**
 * What a process does with the data. `shared`: a process of the shop. `exclusive`: a command that must not meet a running shop.
 * `migrating`: that too, but only on a data folder. In MongoDB a migration runs beside processes of the version before.
 */
export type Purpose = "shared" | "exclusive" | "migrating";

let purpose: Purpose | undefined;
let folderLock: FolderLock | undefined;
let databaseUse: DatabaseUse | undefined;
let folder: string | undefined;

/** How this process says that it uses the data, so that no command destroys the data of a running shop. */
export const dataUse = {
	/** Locks the folder, if one is given, until `end`. A second call changes nothing. */
	begin(wanted: Purpose, dataDir: string | null): void {
		if (purpose) return;
		if (dataDir !== null) {
			createFolder(resolve(dataDir));
			folderLock = lockDataFolder(dataDir, wanted === "shared" ? "shared" : "exclusive");
			folder = dataDir;
		}
		purpose = wanted;
	},

	/** Does the same in a database that processes share; nothing where `begin` was not called. */
	async beginInDatabase(openProcesses: () => Collection<RunningProcess>): Promise<void> {
		if (databaseUse || !purpose || purpose === "migrating") return;
		databaseUse = await enterDatabase(openProcesses(), purpose);
	},

	/** Names what was deleted or replaced of the data that this process works on. */
	findLost(): string[] {
		return [...(isFileLost() ? ["data file"] : []), ...(databaseUse?.isLost() ? ["database"] : [])];
	},

	async endInDatabase(): Promise<void> {
		const use = databaseUse;
		databaseUse = undefined;
		await use?.leave().catch(() => undefined); // where the database does not answer, the entry expires
	},

	end(): void {
		folderLock?.release();
		folderLock = purpose = folder = undefined;
	}
};

function isFileLost(): boolean {
	try {
		if (folder !== undefined) assertFileInPlace(folder);
		return false;
	} catch {
		return true;
	}
}
