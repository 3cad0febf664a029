import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase, closeDatabase } from "../infrastructure/sqlite-file";

/**
 * The floor of writes: the least that a checkout must store to keep the shop's promises, straight on SQLite, with prepared
 * statements and ready texts. Each write names the promise that it serves; docs/bench.md explains them.
 */
type Write = { readonly promise: string; readonly sql: string; readonly values: (id: string) => string[] };
type Transaction = { readonly request: string; readonly writes: readonly Write[] };

const TABLES = [
	"carts (id TEXT PRIMARY KEY, doc TEXT)",
	"answers (id TEXT PRIMARY KEY, doc TEXT)",
	"orders (id TEXT PRIMARY KEY, doc TEXT)",
	"orders_by_owner (owner TEXT, id TEXT, PRIMARY KEY (owner, id)) WITHOUT ROWID",
	"orders_by_number (number TEXT PRIMARY KEY, id TEXT) WITHOUT ROWID",
	"orders_unpaid (slot TEXT PRIMARY KEY, id TEXT) WITHOUT ROWID",
	"stock (id TEXT PRIMARY KEY, doc TEXT)",
	"ledger (id TEXT PRIMARY KEY, doc TEXT)",
	"payments (id TEXT PRIMARY KEY, doc TEXT)",
	"payments_by_order (orderId TEXT PRIMARY KEY, id TEXT) WITHOUT ROWID",
	"notifications (id TEXT PRIMARY KEY, doc TEXT)"
];

/** A document of this many characters. */
const text = (characters: number) => JSON.stringify({ of: "x".repeat(characters - 9) });
const ORDER = text(1_600);
const PAYMENT = text(900);
const ROW = text(250);

const insert = (promise: string, table: string, doc: string, suffix = ""): Write => ({
	promise,
	sql: `INSERT INTO ${table} VALUES (?, ?)`,
	values: id => [id + suffix, doc]
});
const replace = (promise: string, table: string, doc: string, id?: string): Write => ({
	promise,
	sql: `UPDATE ${table} SET doc = ? WHERE id = ?`,
	values: own => [doc, id ?? own]
});
const index = (promise: string, table: string): Write => ({
	promise,
	sql: `INSERT INTO ${table} VALUES (?, ?)`,
	values: id => [`key ${id}`, id]
});

export const TRANSACTIONS: readonly Transaction[] = [
	{
		request: "POST /cart/items",
		writes: [replace("a cart outlives a restart", "carts", ROW, "cart")]
	},
	{
		request: "POST /orders",
		writes: [
			insert("the same idempotency key gives the first answer again", "answers", ORDER, " order"),
			insert("the order, with its timeline, its reservation and its facts", "orders", ORDER),
			index("its owner's list needs no scan", "orders_by_owner"),
			index("an order number is given once", "orders_by_number"),
			index("a user's unpaid orders are limited", "orders_unpaid"),
			replace("no unit is sold twice", "stock", ROW, "sku"),
			insert("every change of stock has a row in the ledger", "ledger", ROW, " reserve"),
			replace("ordered lines leave the cart", "carts", ROW, "cart")
		]
	},
	{
		request: "POST /payments",
		writes: [
			insert("the same idempotency key gives the first answer again", "answers", PAYMENT, " payment"),
			insert("the payment exists before the channel hears of it", "payments", PAYMENT),
			index("an order has one live payment", "payments_by_order")
		]
	},
	{
		request: "POST /payments/notify/:channel",
		writes: [
			insert("what the channel told can be shown later", "notifications", PAYMENT),
			replace("the payment succeeded once", "payments", PAYMENT),
			replace("the order is paid once", "orders", ORDER),
			{
				promise: "its place among the unpaid orders is free",
				sql: "DELETE FROM orders_unpaid WHERE slot = ?",
				values: id => [`key ${id}`]
			},
			replace("reserved units become sold units", "stock", ROW, "sku"),
			insert("every change of stock has a row in the ledger", "ledger", ROW, " deduct")
		]
	}
];

export const countWrites = (): { transactions: number; statements: number } => ({
	transactions: TRANSACTIONS.length,
	statements: TRANSACTIONS.reduce((sum, { writes }) => sum + writes.length, 0)
});

/** Performs the writes of checkouts in a file of its own. */
export class WriteFloor {
	private readonly dir = mkdtempSync(join(tmpdir(), "zjmall-floor-"));
	private readonly db = openDatabase(this.dir);
	private n = 0;

	constructor() {
		for (const table of TABLES) this.db.exec(`CREATE TABLE ${table}`);
		this.db.prepare("INSERT INTO carts VALUES ('cart', ?)").run(ROW);
		this.db.prepare("INSERT INTO stock VALUES ('sku', ?)").run(ROW);
	}

	/** CPU milliseconds per checkout of this process, which must do nothing else meanwhile. */
	measure(checkouts: number): number {
		const sqls = new Set(TRANSACTIONS.flatMap(({ writes }) => writes.map(({ sql }) => sql)));
		const prepared = new Map([...sqls].map(sql => [sql, this.db.prepare(sql)]));
		const before = process.cpuUsage();
		for (let done = 0; done < checkouts; done++) {
			const id = String(this.n++).padStart(26, "0");
			for (const { writes } of TRANSACTIONS) {
				this.db.exec("BEGIN IMMEDIATE");
				for (const { sql, values } of writes) prepared.get(sql)?.run(...values(id));
				this.db.exec("COMMIT");
			}
		}
		const { user, system } = process.cpuUsage(before);
		return (user + system) / 1000 / checkouts;
	}

	close(): void {
		closeDatabase(this.dir);
		rmSync(this.dir, { recursive: true, force: true });
	}
}
