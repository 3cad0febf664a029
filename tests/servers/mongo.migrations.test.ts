import { openMongoCollection } from "../../infrastructure/documents/mongo/collection";
import { createMongoDatabase, type MongoDatabase } from "../../infrastructure/documents/mongo/database";
import { migrationsContract } from "../contracts/migrations.contract";

const url = process.env["MONGO_URL"] ?? "";
const made: MongoDatabase[] = [];

migrationsContract("MongoDB", async () => {
	const name = `zjmall-migrations-${process.pid}-${made.length}`;
	const mongo = createMongoDatabase({ url, name, poolSize: 4 });
	made.push(mongo);
	return { address: `${url}|${name}`, open: collection => openMongoCollection(mongo.db, collection) };
});

afterAll(async () => {
	for (const mongo of made) {
		await mongo.drop();
		await mongo.close();
	}
});
