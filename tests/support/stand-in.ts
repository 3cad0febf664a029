import { MongoClient } from "mongodb";

/** Whether this is mongo-java-server in MongoDB's place; asked before the tests start, so that they can be told apart. */
export async function isStandIn(mongoUrl: string): Promise<boolean> {
	const client = new MongoClient(mongoUrl, { serverSelectionTimeoutMS: 5_000 });
	try {
		return !("gitVersion" in (await client.db("admin").command({ buildInfo: 1 })));
	} finally {
		await client.close();
	}
}

/** The environment variable that hands the answer to the tests. */
export const STAND_IN = "MONGO_STAND_IN";
export const onStandIn = process.env[STAND_IN] === "true";
