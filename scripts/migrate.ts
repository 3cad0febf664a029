import { parseArgs } from "node:util";
import type * as BackendsModule from "../infrastructure/backends";
import type * as MiddlewareModule from "../middlewares/migrations.middleware";
import type * as MigrationsModule from "../infrastructure/documents/migrations";
import type * as SettingsModule from "../settings";
import type * as ServiceFilesModule from "../infrastructure/service-files";
import { load, runCommand } from "./run-command";

const print = (line: string) => process.stdout.write(`${line}\n`);

/**
 * `npm run migrate` runs pending migrations and creates missing indexes; run again, it does nothing. With `-- --status` it only
 * lists them, with exit code 1 where something is pending or missing, and 2 where there is no shop. It refuses while the shop
 * runs on the data folder.
 */
async function migrate(): Promise<void> {
	const { values } = parseArgs({ options: { status: { type: "boolean", default: false } } });
	const { settings } = load<typeof SettingsModule>("../settings");
	const { backends } = load<typeof BackendsModule>("../infrastructure/backends");
	const { MIGRATIONS_FOLDER } = load<typeof MiddlewareModule>("../middlewares/migrations.middleware");
	const { Migrator, loadMigrations } = load<typeof MigrationsModule>(
		"../infrastructure/documents/migrations"
	);
	const { readCollectionDeclarations, findServiceFiles } = load<typeof ServiceFilesModule>(
		"../infrastructure/service-files"
	);
	if (values.status) backends.assertShopExists();
	else backends.lock("migrating");
	await backends.open(undefined, line => process.stderr.write(`${line}\n`));
	try {
		const migrator = new Migrator(backends.collection, {
			migrations: await loadMigrations(MIGRATIONS_FOLDER),
			collections: readCollectionDeclarations(findServiceFiles(settings).values())
		});
		if (values.status) {
			const { applied, pending, missing } = await migrator.status();
			for (const name of applied) print(`已执行 applied        ${name}`);
			for (const name of pending) print(`待执行 pending        ${name}`);
			for (const index of missing) print(`缺索引 missing index  ${index}`);
			const remaining = pending.length + missing.length;
			print(
				remaining ? `${remaining} 项待处理 pending: npm run migrate` : "没有待处理项 nothing to do"
			);
			if (remaining) process.exitCode = 1;
		} else {
			const { applied, missing } = await migrator.run();
			for (const name of applied) print(`已执行 applied         ${name}`);
			for (const index of missing) print(`已建索引 created index ${index}`);
			print("数据库已就绪 the database is ready");
		}
	} finally {
		await backends.close();
	}
}

runCommand(migrate);
