import { createSqliteFacts } from "../../infrastructure/facts/sqlite/facts";
import { closeDatabase, openDatabase } from "../../infrastructure/sqlite-file";

// A process that consumes the facts of a data folder, and sends each fact to its parent as it begins to handle it.
const [dataDir = "", leaseMs = "", mode] = process.argv.slice(2);
const silent = { info() {}, warn() {}, error: console.error, debug() {} };
const facts = createSqliteFacts(openDatabase(dataDir), {
	logger: silent,
	leaseMs: Number(leaseMs),
	pollMs: 20
});

async function handle(fact: { id: string }, attempt: number): Promise<void> {
	process.send?.({ id: fact.id, attempt });
	await new Promise(resolve => mode !== "hang" && setTimeout(resolve, 1));
}

void facts.consume({ group: "payments", event: "order.paid", handle }).then(() => process.send?.("ready"));

async function stop() {
	await facts.close();
	closeDatabase(dataDir);
	process.disconnect();
}
process.once("message", () => void stop());
