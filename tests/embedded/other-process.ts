import type { Index } from "../../infrastructure/documents/collection";
import { openDatabase } from "../../infrastructure/sqlite-file";
import { openSqliteCollection } from "../../infrastructure/documents/sqlite/collection";
import type { Item } from "../contracts/collection.contract";

/** What the tests ask of a second process on the same data folder (its only argument). Each order is answered once. */
export type Command =
	| { readonly do: "open"; readonly collection: string }
	| { readonly do: "sell"; readonly times: number }
	| { readonly do: "index"; readonly index: Index }
	| { readonly do: "insert"; readonly doc: Item }
	/** Answered by the id of each document once it is stored, without end. */
	| { readonly do: "flood" };

const db = openDatabase(process.argv[2] ?? "");
let items = openSqliteCollection<Item>(db, "none");

async function execute(order: Command): Promise<unknown> {
	switch (order.do) {
		case "open":
			items = openSqliteCollection<Item>(db, order.collection);
			return items.count({}); // it has read which indexes there are
		case "sell": {
			let sold = 0;
			for (let i = 0; i < order.times; i++)
				if (await items.change({ _id: "sku", stock: { $gte: 1 } }, { $inc: { stock: -1 } })) sold++;
			return sold;
		}
		case "index":
			return items.index(order.index);
		case "insert":
			return items.insert(order.doc);
		case "flood":
			for (let i = 0; ; i++) {
				await items.insert({ _id: `f${i}`, code: `c${i}`, tags: ["x", `t${i}`] });
				await items.change({ _id: `f${i}` }, { $set: { changed: i } });
				await new Promise(resolve => process.send?.({ answer: i }, resolve));
			}
	}
}

process.on("message", (order: Command) => {
	execute(order).then(
		answer => process.send?.({ answer: answer ?? null }),
		(err: unknown) => process.send?.({ error: String(err) })
	);
});
process.on("disconnect", () => process.exit());
process.send?.({ answer: "ready" });
