import { createSqliteKeyValueStore } from "../../infrastructure/key-value/sqlite";
import { closeDatabase, openDatabase } from "../../infrastructure/sqlite-file";

// A process that adds to a counter as soon as its parent sends a message.
const [dataDir = "", times = ""] = process.argv.slice(2);
const store = createSqliteKeyValueStore(openDatabase(dataDir));

async function count() {
	for (let n = 0; n < Number(times); n++) await store.update<number>("counter", count => (count ?? 0) + 1);
	closeDatabase(dataDir);
	process.disconnect();
}
process.once("message", () => void count());
process.send?.("ready");
