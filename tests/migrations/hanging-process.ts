import { embeddedDatabase } from "../../mixins/store/database";
import type { Open } from "../../mixins/store/declared";
import { Migrator } from "../../mixins/store/migrations";
import { mongoCollection } from "../../mixins/store/mongo.collection";
import { mongoDatabase } from "../../mixins/store/mongo.database";
import { sqliteCollection } from "../../mixins/store/sqlite.collection";

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
