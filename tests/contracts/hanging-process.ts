import { embeddedDatabase } from "../../infrastructure/sqlite-file";
import type { Open } from "../../infrastructure/documents/declared";
import { Migrator } from "../../infrastructure/documents/migrations";
import { mongoCollection } from "../../infrastructure/documents/mongo/collection";
import { mongoDatabase } from "../../infrastructure/documents/mongo/database";
import { sqliteCollection } from "../../infrastructure/documents/sqlite/collection";

/** A process that says when it is in the middle of a migration, and never ends it. The argument: a folder, or URL and name. */
const [address = "", name = ""] = (process.argv[2] ?? "").split("|");

function openAt(): Open {
	if (!name) {
		const db = embeddedDatabase(address);
		return collection => sqliteCollection(db, collection);
	}
	const { db } = mongoDatabase({ url: address, name });
	return collection => mongoCollection(db, collection);
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
