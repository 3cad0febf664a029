import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Doc } from "./collection";
import {
	createMissingIndexes,
	findMissingIndexes,
	type CollectionDeclaration,
	type OpenCollection
} from "./declared";
import { withLease, type Lease } from "./lease";

/** A change of stored documents that a new version needs. Each runs once a database, in the order of the numbers. */
export type Migration = {
	readonly name: string;
	readonly up: (collection: OpenCollection) => Promise<void>;
};
type Applied = Doc & { readonly at: Date; readonly ms: number };

const COLLECTION = "migrations";
const LOCK = "lock";
/** Time for which a process that died while migrating keeps the others waiting. */
const LEASE_MS = 30_000;

export type MigrationStatus = {
	/** Names of migrations. */
	readonly applied: readonly string[];
	readonly pending: readonly string[];
	/** Indexes, as texts for people. */
	readonly missing: readonly string[];
};

/** Loads the migrations of a folder (`0001-what-it-does.ts`); rejects where a name or number is wrong or given twice. */
export async function loadMigrations(folder: string): Promise<Migration[]> {
	const files = (existsSync(folder) ? readdirSync(folder) : [])
		.filter(file => /\.(ts|js)$/.test(file) && !file.endsWith(".d.ts"))
		.sort();
	const migrations: Migration[] = [];
	for (const file of files) {
		const name = file.slice(0, -3);
		if (!/^\d{4}-[a-z0-9-]+$/.test(name))
			throw new Error(`migrations/${file} is not named like 0001-what-it-does.ts`);
		if (migrations.some(other => other.name.slice(0, 4) === name.slice(0, 4)))
			throw new Error(`Two migrations have the number ${name.slice(0, 4)}`);
		const { up } = (await import(join(folder, file))) as Partial<Migration>;
		if (typeof up !== "function") throw new Error(`migrations/${file} does not export a function up`);
		migrations.push({ name, up });
	}
	return migrations;
}

/** Compares a database with what this version of the program expects, and brings it up to date. */
export class Migrator {
	constructor(
		private readonly open: OpenCollection,
		private readonly expected: {
			readonly migrations: readonly Migration[];
			readonly collections: readonly CollectionDeclaration[];
		},
		private readonly leaseMs = LEASE_MS
	) {}

	async status(): Promise<MigrationStatus> {
		const applied = await this.applied();
		return {
			applied: [...applied],
			pending: this.expected.migrations.map(({ name }) => name).filter(name => !applied.has(name)),
			missing: await findMissingIndexes(this.open, this.expected.collections)
		};
	}

	/**
	 * Runs the pending migrations, then creates the missing indexes: a unique index may need a migration first. Resolves to what
	 * was done. Of concurrent processes one does the work, and the others wait and find it done.
	 */
	async run(): Promise<Pick<MigrationStatus, "applied" | "missing">> {
		const { pending, missing } = await this.status();
		if (pending.length === 0 && missing.length === 0) return { applied: [], missing: [] };
		return withLease(this.open<Lease>(COLLECTION), LOCK, this.leaseMs, async assertLeaseHeld => {
			const before = await this.status();
			for (const migration of this.expected.migrations)
				if (before.pending.includes(migration.name)) await this.apply(migration, assertLeaseHeld);
			for (const collection of this.expected.collections) {
				assertLeaseHeld();
				await createMissingIndexes(this.open(collection.name), collection);
			}
			return { applied: before.pending, missing: before.missing };
		});
	}

	private async apply({ name, up }: Migration, assertLeaseHeld: () => void): Promise<void> {
		assertLeaseHeld();
		const startedAt = performance.now();
		try {
			await up(this.open);
		} catch (err) {
			const cause = err instanceof Error ? err.message : String(err);
			throw new Error(`The migration ${name} failed: ${cause}`, { cause: err });
		}
		assertLeaseHeld();
		const ms = Math.round(performance.now() - startedAt);
		await this.open<Applied>(COLLECTION).insert({ _id: name, at: new Date(), ms });
	}

	private async applied(): Promise<ReadonlySet<string>> {
		const all = await this.open<Applied>(COLLECTION).find({ _id: { $ne: LOCK } }, { sort: { _id: 1 } });
		return new Set(all.map(({ _id }) => _id));
	}
}
