import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DATABASE_FILE } from "../infrastructure/sqlite-file";

/** What a database has and the one restored in its place has not, or has in an earlier state. */
export type Lost = {
	readonly orders: number;
	readonly parcels: number;
	readonly money: readonly {
		readonly what: "payment" | "refund";
		/** Its number at the channel. */
		readonly no: string;
		readonly channel: string;
		/** In fen. */
		readonly amount: number;
		readonly status: string;
	}[];
};

/** Compares the replaced database with the restored one of the folder. Answers null where the replaced one can't be read. */
export function findLost(dataDir: string, replaced: string): Lost | null {
	const db = new DatabaseSync(join(dataDir, DATABASE_FILE));
	try {
		db.prepare("ATTACH ? AS replaced").run(replaced);
		return {
			orders: countLost(db, "orders"),
			parcels: countLost(db, "parcels"),
			money: [...readMoney(db, "payments", "payment"), ...readMoney(db, "refunds", "refund")]
		};
	} catch {
		return null;
	} finally {
		db.close();
	}
}

/** Ids that the restored data lacks. */
function countLost(db: DatabaseSync, collection: string): number {
	const table = `${collection}_docs`;
	const row = db
		.prepare(`SELECT count(*) AS n FROM replaced.${table} WHERE id NOT IN (SELECT id FROM main.${table})`)
		.get();
	return Number(row?.["n"]);
}

/** Payments and refunds that the restored data lacks or has with another status; of payments, those that were paid. */
function readMoney(
	db: DatabaseSync,
	collection: "payments" | "refunds",
	what: "payment" | "refund"
): Lost["money"] {
	const table = `${collection}_docs`;
	const [no, amount, filter] =
		what === "payment"
			? ["$.paymentNo", "$.paidAmount", "AND json_extract(old.doc, '$.paidAmount') > 0"]
			: ["$._id", "$.amount", ""];
	return db
		.prepare(
			`SELECT json_extract(old.doc, '${no}') AS no, json_extract(old.doc, '$.channel') AS channel,
				json_extract(old.doc, '${amount}') AS amount, json_extract(old.doc, '$.status') AS status
			FROM replaced.${table} old LEFT JOIN main.${table} now ON now.id = old.id
			WHERE json_extract(now.doc, '$.status') IS NOT json_extract(old.doc, '$.status') ${filter}
			ORDER BY old.id`
		)
		.all()
		.map(row => ({
			what,
			no: String(row["no"]),
			channel: String(row["channel"]),
			amount: Number(row["amount"]),
			status: String(row["status"])
		}));
}
