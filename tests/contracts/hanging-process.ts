import { openDatabase } from "../../infrastructure/sqlite-file";
import type { OpenCollection } from "../../infrastructure/documents/declared";
import { Migrator } from "../../infrastructure/documents/migrations";
import { openMongoCollection } from "../../infrastructure/documents/mongo/collection";
import { createMongoDatabase } from "../../infrastructure/documents/mongo/database";
import { openSqliteCollection } from "../../infrastructure/documents/sqlite/collection";

/** A process that reports when its migration runs, and never ends it. Its argument is a folder, or `url|name` of a MongoDB. */
const [address = "", name = ""] = (process.argv[2] ?? "").split("|");

function openAt(): OpenCollection {
	if (!name) {
		const db = openDatabase(address);
		return collection => openSqliteCollection(db, collection);
	}
	const { db } = createMongoDatabase({ url: address, name });
	return collection => openMongoCollection(db, collection);
}

const hangs = {
	name: "0001-hangs",
	up: () =>
		new Promise<void>(() => {
			process.send?.("hanging");
		})
};
void new Migrator(openAt(), { migrations: [hangs], collections: [] }, 500).run();
process.on("disconnect", () => process.exit());
