import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Doc, Where } from "../../infrastructure/documents/collection";
import { openSqliteCollection } from "../../infrastructure/documents/sqlite/collection";
import { closeDatabase, openDatabase } from "../../infrastructure/sqlite-file";
import { checkSlices, type Outcome } from "../../invariants/check-slices";
import type { Payment } from "../../services/payments/payment.domain";

const PAYMENTS = 12_000;
const dir = mkdtempSync(join(tmpdir(), "zjmall-slices-"));
const db = openDatabase(dir);
const payments = openSqliteCollection<Payment>(db, "payments");
let readDocuments = 0;
/** The collections of the folder, and how many documents are read of them. */
function collection<T extends Doc>(name: string) {
	const stored = openSqliteCollection<T>(db, name);
	const find: typeof stored.find = async (where: Where<T>, options?: object) => {
		const found = await stored.find(where, options);
		readDocuments += found.length;
		return found;
	};
	return { find };
}
const facts = { lag: async () => [], deadLetters: async () => ({ items: [], total: 0 }) };
const idOf = (n: number) => `P${String(n).padStart(6, "0")}`;

let last: Outcome | null = null;
const check = async () => {
	const context = { collection, facts, outboxCollections: [], now: new Date() };
	last = await checkSlices(context, last?.progress ?? null);
	return { found: [...last.violations.values()].flat(), left: last.left };
};

beforeAll(async () => {
	const sound = {
		status: "succeeded",
		orderId: "O",
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
