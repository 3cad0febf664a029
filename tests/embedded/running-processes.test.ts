import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
	DatabaseInUseError,
	enterDatabase,
	type RunningProcess
} from "../../infrastructure/documents/running-processes";
import { openSqliteCollection } from "../../infrastructure/documents/sqlite/collection";
import { closeDatabase, openDatabase } from "../../infrastructure/sqlite-file";
import { until } from "../support/until";

const dataDir = mkdtempSync(join(tmpdir(), "zjmall-processes-"));
const processes = openSqliteCollection<RunningProcess>(openDatabase(dataDir), "running_processes");
afterAll(() => {
	closeDatabase(dataDir);
	rmSync(dataDir, { recursive: true });
});

it("lets any number of processes use a database, and a command alone", async () => {
	const shop = [await enterDatabase(processes, "shared"), await enterDatabase(processes, "shared")];

	await expect(enterDatabase(processes, "exclusive")).rejects.toThrow(`:${process.pid}): stop it first`);
	for (const use of shop) await use.leave();
	const command = await enterDatabase(processes, "exclusive");
	await expect(enterDatabase(processes, "shared")).rejects.toThrow(DatabaseInUseError);
	await expect(enterDatabase(processes, "exclusive")).rejects.toThrow(DatabaseInUseError);
	await command.leave();
	await (await enterDatabase(processes, "shared")).leave();
	expect(await processes.find({})).toEqual([]);
});

it("forgets a process that was killed, and no process that runs longer than its lease", async () => {
	await processes.insert({
		_id: "killed",
		kind: "shared",
		name: "host:1",
		until: new Date(Date.now() - 1)
	});
	await (await enterDatabase(processes, "exclusive")).leave();

	const running = await enterDatabase(processes, "shared", 300);
	const until0 = (await processes.find({ name: { $ne: "host:1" } }))[0]?.until;
	await until("its lease to be renewed", async () => {
		const [entry] = await processes.find({ name: { $ne: "host:1" } });
		return entry && until0 && entry.until > until0;
	});
	expect(running.isLost()).toBe(false);
	await processes.remove({});
	await until("the loss of the database to be noticed", () => running.isLost());
	await running.leave();
});
