import { mongoCollection } from "../../mixins/store/mongo.collection";
import { mongoDatabase, type MongoDatabase } from "../../mixins/store/mongo.database";
import { migrationsContract } from "../migrations/migrations.contract";

const url = process.env["MONGO_URL"] ?? "";
const made: MongoDatabase[] = [];

migrationsContract("MongoDB", async () => {
	const name = `zjmall-migrations-${process.pid}-${made.length}`;
	const mongo = mongoDatabase({ url, name, poolSize: 4 });
	made.push(mongo);
	return { address: `${url}|${name}`, open: collection => mongoCollection(mongo.db, collection) };
});

afterAll(async () => {
	for (const mongo of made) {
		await mongo.drop();
		await mongo.close();
	}
});
