import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteCollection } from "../../infrastructure/documents/sqlite/collection";
import { createSqliteKeyValueStore } from "../../infrastructure/key-value/sqlite";
import { closeDatabase, openDatabase } from "../../infrastructure/sqlite-file";
import { up } from "../../migrations/0005-stored-names-are-plain";

const dataDir = mkdtempSync(join(tmpdir(), "zjmall-renamed-"));
const db = openDatabase(dataDir);
const open = (name: string) => openSqliteCollection<any>(db, name);
const AT = new Date("2026-11-01T08:00:00Z");

afterAll(() => {
	closeDatabase(dataDir);
	rmSync(dataDir, { recursive: true });
});

it("gives documents of earlier versions the present names, once", async () => {
	await open("payments").insert({
		_id: "p1",
		askAt: AT,
		asked: 3,
		anomalies: [{ at: AT, what: "paid twice" }]
	});
	await open("refunds").insert({ _id: "r1", asked: 1, cause: "NOT_ENOUGH" });
	await open("payment_notices").insert({ _id: "n1", verdict: "odd", what: "no payment", at: AT });
	await open("facts_told").insert({ _id: "f1", toldAt: AT });
	await open("audit_log").insert({ _id: "000000000001", what: "users.setRoles" });
	await open("config_changes").insert({ _id: "1", key: "payments.noticesKeepDays", value: 90 });

	await up(open);
	await up(open);

	const all = (name: string) => open(name).find({});
	expect(await all("payments")).toEqual([
		{ _id: "p1", nextPollAt: AT, pollCount: 3, anomalies: [{ at: AT, reason: "paid twice" }] }
	]);
	expect(await all("refunds")).toEqual([{ _id: "r1", pollCount: 1, failureReason: "NOT_ENOUGH" }]);
	expect(await all("payment_notices")).toEqual([]);
	expect(await all("payment_notifications")).toEqual([
		{ _id: "n1", verdict: "unmatched", reason: "no payment", at: AT }
	]);
	expect(await all("fact_journal")).toEqual([{ _id: "f1", publishedAt: AT }]);
	expect(await all("audit_log")).toEqual([{ _id: "000000000001", action: "users.setRoles" }]);
	expect(await all("config_changes")).toEqual([
		{ _id: "1", key: "payments.notificationsKeepDays", value: 90 }
	]);
});

it("keeps the key-value state of earlier versions", async () => {
	db.exec(`CREATE TABLE hot_state (key TEXT PRIMARY KEY, value TEXT NOT NULL, expires_at INTEGER);
		CREATE INDEX hot_state_by_expiry ON hot_state (expires_at) WHERE expires_at IS NOT NULL;
		INSERT INTO hot_state VALUES ('carts:u1', '{"lines":[]}', NULL)`);

	expect(await createSqliteKeyValueStore(db).get("carts:u1")).toEqual({ lines: [] });
});
