import { join } from "node:path";
import type { Middleware, ServiceBroker } from "moleculer";
import { settings } from "../settings";
import { backends } from "../infrastructure/backends";
import type { StoreMetadata } from "../infrastructure/documents/declared";
import { Migrator, loadMigrations } from "../infrastructure/documents/migrations";

export const MIGRATIONS_FOLDER = join(__dirname, "../migrations");

/**
 * Prepares the database before the services start: with MIGRATIONS=run by running migrations and creating indexes, with
 * `check` by refusing to start where something is missing. So no replica of a new version works without an index or on
 * documents of an older shape.
 */
export const migrationsMiddleware = (): Middleware => ({
	name: "Migrations",
	async starting(broker: ServiceBroker) {
		const collections = broker.services.flatMap(
			({ metadata }) => (metadata as StoreMetadata | undefined)?.collections ?? []
		);
		const migrator = new Migrator(backends.collection, {
			migrations: await loadMigrations(MIGRATIONS_FOLDER),
			collections
		});
		if (settings.migrations === "run") await migrator.run();
		else await refuseOutdatedDatabase(migrator);
	}
});

async function refuseOutdatedDatabase(migrator: Migrator): Promise<void> {
	const { pending, missing } = await migrator.status();
	const lacks = [
		...pending.map(name => `the migration ${name}`),
		...missing.map(index => `the index ${index}`)
	];
	if (lacks.length === 0) return;
	const named = lacks.slice(0, 5).join("; ");
	const more = lacks.length > 5 ? ` and ${lacks.length - 5} more` : "";
	throw new Error(`数据库尚未就绪，请先运行 The database lacks ${named}${more}: npm run migrate`);
}
