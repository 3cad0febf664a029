import { openAsBlob } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { ImportResult, ImportView } from "../../schemas/product-files.contract";
import { runCommand } from "../run-command";
import { createBar, openSession, readData, sendImport, type StaffSession } from "./staff-session";

const USAGE = "Usage: npm run import -- <file.csv> [--dryRun] [--atomic] [--url http://…] [--phone …]";
const POLL_MS = 500;

/** `npm run import -- products.csv` sends the file to a running shop, shows how far it is, and lists the bad rows. */
async function importFile(): Promise<void> {
	const { file, query, session } = await openSession(USAGE, ["dryRun", "atomic"]);
	const form = new FormData();
	form.set("file", await openAsBlob(file), "products.csv");
	const since = new Date();
	const sent = sendImport(() => session.send("POST", `/admin/products/import${query}`, form));
	const end = new AbortController();
	const shown = showProgress(session, since, end.signal);
	const reply = await sent.finally(() => end.abort());
	await shown;
	const { rows, created, updated, unchanged, failed, errors } = await readData<ImportResult>(reply);
	process.stdout.write(
		`\n${rows} rows: ${created} created, ${updated} updated, ${unchanged} unchanged, ${failed} failed\n`
	);
	for (const { line, column, code, message } of errors)
		process.stdout.write(`line ${line}${column === null ? "" : `, ${column}`}: ${message} (${code})\n`);
	if (failed > 0) process.exitCode = 1;
}

/** Shows the import that began last, until the file's own request has ended. */
async function showProgress(session: StaffSession, since: Date, end: AbortSignal): Promise<void> {
	const show = createBar();
	while (!end.aborted) {
		await pause(POLL_MS, undefined, { signal: end }).catch(() => undefined);
		const reply = await session.send("GET", "/admin/imports?pageSize=1").catch(() => null);
		const [latest] = reply ? (await readData<{ items: ImportView[] }>(reply)).items : [];
		if (latest && new Date(latest.startedAt) >= since)
			show(latest.rows, latest.total, `${latest.failed} failed`);
	}
}

runCommand(importFile);
