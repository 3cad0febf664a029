import { MongoClient } from "mongodb";

/** Tells mongo-java-server from MongoDB. Asked before the tests start, since tests are skipped when they are defined. */
export async function isStandIn(mongoUrl: string): Promise<boolean> {
	const client = new MongoClient(mongoUrl, { serverSelectionTimeoutMS: 5_000 });
	try {
		return !("gitVersion" in (await client.db("admin").command({ buildInfo: 1 })));
	} finally {
		await client.close();
	}
}

/** The environment variable that passes the answer to the tests. */
export const STAND_IN = "MONGO_STAND_IN";
export const onStandIn = process.env[STAND_IN] === "true";
