import { openMongoCollection } from "../../infrastructure/documents/mongo/collection";
import { createMongoDatabase } from "../../infrastructure/documents/mongo/database";
import { collectionContract, type Item } from "../contracts/collection.contract";
import { storeContract } from "../contracts/store.contract";
import { onStandIn } from "../support/stand-in";

const mongo = createMongoDatabase({
	url: process.env["MONGO_URL"] ?? "",
	name: `zjmall-store-${process.pid}-${Date.now()}`
});

beforeAll(() => mongo.open());
afterAll(async () => {
	await mongo.drop();
	await mongo.close();
});

/** Behaviours in which mongo-java-server 1.47 differs from MongoDB. No service relies on them. */
const GAPS = [
	// The server wants one element between both ends.
	...["without an index", "with indexes", "with others"].map(
		indexes => `finds and counts a range of which each end holds for another element, ${indexes}`
	),
	"change the elements that an array filter names, several fields of them at once" // the server filters anew for each field
];

let made = 0;
collectionContract(
	"mongo",
	async () => openMongoCollection<Item>(mongo.db, `items_${++made}`),
	onStandIn ? GAPS : []
);
storeContract("mongo", async () => openMongoCollection(mongo.db, `stored_${++made}`));
