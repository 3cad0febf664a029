import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Doc, Where } from "../../infrastructure/documents/collection";
import { openSqliteCollection } from "../../infrastructure/documents/sqlite/collection";
import { closeDatabase, openDatabase } from "../../infrastructure/sqlite-file";
import { checkSlices, type Outcome, type Progress } from "../../invariants/check-slices";
import type { Reservation } from "../../services/inventory/reservation.domain";
import type { Stock } from "../../services/inventory/stock.domain";
import type { Payment } from "../../services/payments/payment.domain";

const PAYMENTS = 12_000;
const dir = mkdtempSync(join(tmpdir(), "zjmall-slices-"));
const db = openDatabase(dir);
const payments = openSqliteCollection<Payment>(db, "payments");
let readDocuments = 0;
/** Whole documents of this collection can't be read. */
let unreadable: string | null = null;
let saved: Progress | null = null;
/** The collections of the folder, and how many documents are read of them. */
function collection<T extends Doc>(name: string) {
	const stored = openSqliteCollection<T>(db, name);
	const find: typeof stored.find = async (where: Where<T>, options?: object) => {
		if (name === unreadable && !("fields" in (options ?? {})))
			throw new Error(`stored up to ${String(saved?.cursors[name])}`);
		const found = await stored.find(where, options);
		readDocuments += found.length;
		return found;
	};
	return { find, countUpTo: stored.countUpTo.bind(stored) };
}
const facts = { lag: async () => [], deadLetters: async () => ({ items: [], total: 0 }) };
const idOf = (n: number) => `P${String(n).padStart(6, "0")}`;

let last: Outcome | null = null;
const check = async () => {
	const context = { collection, facts, outboxCollections: [], now: new Date() };
	last = await checkSlices(context, last?.progress ?? null, async progress => {
		saved = progress;
	});
	return { found: [...last.violations.values()].flat(), left: last.left, failures: last.failures };
};

beforeAll(async () => {
	const sound = {
		status: "succeeded",
		orderId: "",
		paidAmount: 0,
		refundReserved: 0,
		refunded: 0,
		refundIds: []
	};
	const all = Array.from({ length: PAYMENTS }, (_, n) => ({ _id: idOf(n), ...sound }));
	await payments.insertMissing(all as unknown as Payment[]);
});
afterAll(() => {
	closeDatabase(dir);
	rmSync(dir, { recursive: true });
});

it("finds a violation in a part of a large shop, goes on, and looks there again until it is gone", async () => {
	const broken = `payment ${idOf(11_000)}: its refunds do not sum to 5`;
	await payments.change({ _id: idOf(11_000) }, { $set: { refunded: 5 } });

	const checks = [await check(), await check(), await check(), await check()];
	await payments.change({ _id: idOf(11_000) }, { $set: { refunded: 0 } });
	const repaired = await check();

	expect(checks.map(({ found }) => found)).toEqual([[], [], [broken], [broken]]);
	expect(checks.map(({ left }) => left)).toEqual([["payments"], ["payments"], ["payments"], ["payments"]]);
	expect(repaired.found).toEqual([]);
	expect(last?.progress.suspects).toEqual([]);
});

it("reads a bounded number of documents in one check, and resumes from what was stored", async () => {
	readDocuments = 0;
	await check();

	expect(readDocuments).toBeLessThan(PAYMENTS);
	const cursors = last?.progress.cursors;
	await check();
	expect(last?.progress.cursors).not.toEqual(cursors);
});

it("stores how far it comes before it reads a slice, goes on where that fails, and says so", async () => {
	unreadable = "payments";
	const before = last?.progress.cursors["payments"];
	const { failures, left } = await check();
	unreadable = null;

	expect(failures).toContainEqual(expect.stringMatching(/^payments up to (P\d+): stored up to \1$/));
	expect(left).toContain("payments");
	expect(last?.progress.cursors["payments"]).not.toBe(before);
});

it("suspects only the SKUs of an overdue reservation, and each place once", async () => {
	const past = new Date(0);
	const stock = openSqliteCollection<Stock>(db, "stock");
	const counts = { available: 0, reserved: 0, sold: 0, version: 1, inFlight: [] };
	const skus = Array.from({ length: 1500 }, (_, n) => ({
		_id: `S${String(n).padStart(4, "0")}`,
		...counts
	}));
	await stock.insertMissing(skus as unknown as Stock[]);
	const reservation = {
		_id: "O1",
		state: "releasing",
		lines: [{ skuId: "S0700", quantity: 1 }],
		updatedAt: past
	};
	await openSqliteCollection<Reservation>(db, "stock_reservations").insertMissing([
		reservation as unknown as Reservation
	]);

	const seen = [await check(), await check(), await check()];

	const overdue = `reservation O1 is releasing since ${past.toISOString()}`;
	expect(seen.map(({ found }) => found)).toEqual([[overdue], [overdue], [overdue]]);
	expect(last?.progress.suspects).toEqual([{ collection: "stock", after: "S0499", upTo: "S0999" }]);
});
