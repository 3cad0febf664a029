import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Doc } from "../../infrastructure/documents/collection";
import type { CollectionDeclaration, OpenCollection } from "../../infrastructure/documents/declared";
import { withLease, type Lease } from "../../infrastructure/documents/lease";
import { Migrator, type Migration } from "../../infrastructure/documents/migrations";
import { until } from "../support/until";
import { RUN_TYPESCRIPT } from "../support/root";

export type Database = { readonly open: OpenCollection; readonly address: string };
type Note = Doc & { readonly by?: string };

const ORDERS: CollectionDeclaration = {
	name: "orders",
	indexes: [{ keys: { userId: 1, _id: -1 } }, { keys: { orderNo: 1 }, unique: true, sparse: true }]
};
const MISSING = ["orders { userId: 1, _id: -1 }", "orders { orderNo: 1 } unique sparse"];

/** A migration that inserts a note under its own name, so that a second run would be refused. */
const aMigration = (name: string): Migration => ({
	name,
	up: collection => collection<Note>("notes").insert({ _id: name })
});
const aFailingMigration = (name: string): Migration => ({
	name,
	up: () => Promise.reject(new Error("no such city"))
});
const notes = async (open: OpenCollection) =>
	(await open<Note>("notes").find({}, { sort: { _id: 1 } })).map(({ _id }) => _id);

/** Behaviour of migrations on every store. `makeDatabase` gives a new, empty database at each call. */
export function migrationsContract(store: string, makeDatabase: () => Promise<Database>): void {
	const migrator = (open: OpenCollection, ...migrations: Migration[]) =>
		new Migrator(open, { migrations, collections: [ORDERS] }, 500);

	describe(`migrations on ${store}`, () => {
		it("runs each migration once, in order, and creates every declared index", async () => {
			const { open } = await makeDatabase();
			const all = migrator(open, aMigration("0001-a"), aMigration("0002-b"));

			const first = await all.run();
			const second = await all.run();

			expect(first).toEqual({ applied: ["0001-a", "0002-b"], missing: MISSING });
			expect(second).toEqual({ applied: [], missing: [] });
			expect(await notes(open)).toEqual(["0001-a", "0002-b"]);
			expect(await open("orders").indexes()).toHaveLength(2);
		});

		it("lists migrations and missing indexes in the status", async () => {
			const { open } = await makeDatabase();
			await migrator(open, aMigration("0001-a")).run();
			const declared = { ...ORDERS, indexes: [...ORDERS.indexes, { keys: { status: 1 } as const }] };
			const newer = new Migrator(open, {
				migrations: [aMigration("0001-a"), aMigration("0002-b")],
				collections: [declared]
			});

			expect(await newer.status()).toEqual({
				applied: ["0001-a"],
				pending: ["0002-b"],
				missing: ["orders { status: 1 }"]
			});
		});

		it("stops at the first migration that fails, naming it, and goes on from there the next time", async () => {
			const { open } = await makeDatabase();

			const failed = migrator(
				open,
				aMigration("0001-a"),
				aFailingMigration("0002-b"),
				aMigration("0003-c")
			).run();

			await expect(failed).rejects.toThrow("The migration 0002-b failed: no such city");
			expect(await notes(open)).toEqual(["0001-a"]);
			const repaired = await migrator(
				open,
				aMigration("0001-a"),
				aMigration("0002-b"),
				aMigration("0003-c")
			).run();
			expect(repaired.applied).toEqual(["0002-b", "0003-c"]);
		});

		it("runs migrations before it creates indexes, so that documents can be repaired which a unique index would refuse", async () => {
			const { open } = await makeDatabase();
			const orders = open<Doc & { orderNo: string }>("orders");
			await orders.insertMissing([
				{ _id: "a", orderNo: "1" },
				{ _id: "b", orderNo: "1" }
			]);
			const repair: Migration = {
				name: "0001-order-numbers-once",
				up: async () => {
					await orders.change({ _id: "b" }, { $set: { orderNo: "2" } });
				}
			};

			await expect(migrator(open).run()).rejects.toThrow(
				"The index orders { orderNo: 1 } unique sparse can't be made"
			);
			await migrator(open, repair).run();

			expect(await orders.indexes()).toHaveLength(2);
		});

		it("runs migrations once when several processes start together", async () => {
			const { open } = await makeDatabase();
			const begin = () => migrator(open, aMigration("0001-a"), aMigration("0002-b")).run();

			const done = await Promise.all([begin(), begin(), begin()]);

			expect(done.flatMap(({ applied }) => applied)).toEqual(["0001-a", "0002-b"]);
			expect(await notes(open)).toEqual(["0001-a", "0002-b"]);
		});

		it("takes migrations over from a process that died, when its lease has expired", async () => {
			const { open, address } = await makeDatabase();
			const other = fork(join(__dirname, "hanging-process.ts"), [address], {
				execArgv: RUN_TYPESCRIPT
			});
			await once(other, "message"); // in the middle of its migration
			const waiting = migrator(open, aMigration("0001-hangs")).run();
			const early = await Promise.race([waiting, until("two leases", passed(1_000))]);
			other.kill("SIGKILL");

			const { applied } = await waiting;

			expect(early).toBe(true);
			expect(applied).toEqual(["0001-hangs"]);
		});

		it("stops writing when another process has taken the lease", async () => {
			const { open } = await makeDatabase();
			const leases = open<Lease>("migrations");

			const late = withLease(leases, "lock", 300, async assertHeld => {
				await leases.change({ _id: "lock" }, { $set: { owner: "another" } });
				await until("the loss is noticed", () => throws(assertHeld));
				assertHeld();
			});

			await expect(late).rejects.toThrow("went to another process");
			expect(await leases.findOne({ _id: "lock" })).toMatchObject({ owner: "another" });
		});
	});
}

function passed(ms: number): () => boolean {
	const startedAt = Date.now();
	return () => Date.now() - startedAt > ms;
}

function throws(work: () => void): boolean {
	try {
		work();
		return false;
	} catch {
		return true;
	}
}
