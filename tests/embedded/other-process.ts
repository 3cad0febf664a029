import type { Index } from "../../infrastructure/documents/collection";
import { openDatabase } from "../../infrastructure/sqlite-file";
import { openSqliteCollection } from "../../infrastructure/documents/sqlite/collection";
import type { Item } from "../contracts/collection.contract";

/** Commands to a second process on the same data folder (its only argument). Each command is answered once. */
export type Command =
	| { readonly do: "open"; readonly collection: string }
	| { readonly do: "sell"; readonly times: number }
	| { readonly do: "index"; readonly index: Index }
	| { readonly do: "insert"; readonly doc: Item }
	/** Stores documents without end, and answers with the number of each one that is stored. */
	| { readonly do: "flood" };

const db = openDatabase(process.argv[2] ?? "");
let items = openSqliteCollection<Item>(db, "none");

async function execute(command: Command): Promise<unknown> {
	switch (command.do) {
		case "open":
			items = openSqliteCollection<Item>(db, command.collection);
			return items.count({}); // reads which indexes exist
		case "sell": {
			let sold = 0;
			for (let i = 0; i < command.times; i++)
				if (await items.change({ _id: "sku", stock: { $gte: 1 } }, { $inc: { stock: -1 } })) sold++;
			return sold;
		}
		case "index":
			return items.index(command.index);
		case "insert":
			return items.insert(command.doc);
		case "flood":
			for (let i = 0; ; i++) {
				await items.insert({ _id: `f${i}`, code: `c${i}`, tags: ["x", `t${i}`] });
				await items.change({ _id: `f${i}` }, { $set: { changed: i } });
				await new Promise(resolve => process.send?.({ answer: i }, resolve));
			}
	}
}

process.on("message", (command: Command) => {
	execute(command).then(
		answer => process.send?.({ answer: answer ?? null }),
		(err: unknown) => process.send?.({ error: String(err) })
	);
});
process.on("disconnect", () => process.exit());
process.send?.({ answer: "ready" });
