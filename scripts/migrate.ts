import { parseArgs } from "node:util";
import type * as BackendsModule from "../infrastructure/backends";
import type * as MiddlewareModule from "../middlewares/migrations.middleware";
import type * as MigrationsModule from "../infrastructure/documents/migrations";
import type * as SettingsModule from "../settings";
import type * as ServiceFilesModule from "../infrastructure/service-files";

const say = (line: string) => process.stdout.write(`${line}\n`);

/**
 * `npm run migrate`: the database as this version needs it, by its migrations and with all declared indexes; again, it has
 * nothing to do. `npm run migrate -- --status` only tells, and fails when something is to be done.
 */
async function main(): Promise<void> {
	const { values } = parseArgs({ options: { status: { type: "boolean", default: false } } });
	// Required only now: the settings are read with the modules.
	const load = <M>(path: string): M => require(path) as M;
	const { settings } = load<typeof SettingsModule>("../settings");
	const { backends } = load<typeof BackendsModule>("../infrastructure/backends");
	const { MIGRATIONS_FOLDER } = load<typeof MiddlewareModule>("../middlewares/migrations.middleware");
	const { Migrator, loadMigrations } = load<typeof MigrationsModule>(
		"../infrastructure/documents/migrations"
	);
	const { readCollectionDeclarations, findServiceFiles } = load<typeof ServiceFilesModule>(
		"../infrastructure/service-files"
	);
	await backends.open();
	try {
		const migrator = new Migrator(backends.collection, {
			migrations: await loadMigrations(MIGRATIONS_FOLDER),
			collections: readCollectionDeclarations(findServiceFiles(settings).values())
		});
		if (values.status) {
			const { applied, pending, missing } = await migrator.status();
			for (const name of applied) say(`已执行 applied        ${name}`);
			for (const name of pending) say(`待执行 pending        ${name}`);
			for (const index of missing) say(`缺索引 missing index  ${index}`);
			const open = pending.length + missing.length;
			say(open ? `${open} 项待处理 to do: npm run migrate` : "没有待处理项 nothing to do");
			if (open) process.exitCode = 1;
		} else {
			const { applied, missing } = await migrator.run();
			for (const name of applied) say(`已执行 applied     ${name}`);
			for (const index of missing) say(`已建索引 made index ${index}`);
			say("数据库已就绪 the database is ready");
		}
	} finally {
		await backends.close();
	}
}

main().catch((err: unknown) => {
	process.stderr.write(`${err instanceof Error ? err.message : String(err)}\n`);
	process.exitCode = 1;
});
