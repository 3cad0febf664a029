import {
	MongoNotConnectedError,
	MongoParseError,
	MongoServerClosedError,
	MongoTopologyClosedError
} from "mongodb";
import { createMongoDatabase, refuseOutages } from "./database";

/** The driver's own reading of the options: nothing is connected here. */
const databaseOf = (url: string) => createMongoDatabase({ url, name: "shop", poolSize: 7 }).db;

it.each([
	"mongodb://127.0.0.1:1",
	"mongodb://127.0.0.1:1/?w=1&journal=false&readPreference=secondary&retryWrites=false"
])("writes to a majority's disk and reads what a majority has, whatever %s says", url => {
	const { writeConcern, readConcern, readPreference, client } = databaseOf(url);

	expect(writeConcern).toMatchObject({ w: "majority", journal: true, wtimeoutMS: 5_000 });
	expect(readConcern).toMatchObject({ level: "majority" });
	expect(readPreference).toMatchObject({ mode: "primary" });
	expect(client.options).toMatchObject({ retryWrites: true, retryReads: true });
});

it("waits for nothing without end", () => {
	const { options } = databaseOf("mongodb://127.0.0.1:1").client;

	expect(options).toMatchObject({
		serverSelectionTimeoutMS: 5_000,
		connectTimeoutMS: 5_000,
		socketTimeoutMS: 20_000,
		waitQueueTimeoutMS: 10_000,
		maxPoolSize: 7
	});
});

it("refuses to open where nothing listens, by a line with the place and without the password", async () => {
	const database = createMongoDatabase({
		url: "mongodb://shop:secret@127.0.0.1:1/?serverSelectionTimeoutMS=1",
		name: "shop"
	});

	const err: unknown = await database.open().catch((refusal: unknown) => refusal);

	expect(String(err)).toMatch(/MONGO_URL: MongoDB can't be used at 127\.0\.0\.1:1: .*ECONNREFUSED/);
	expect(String(err)).not.toContain("secret");
}, 15_000);

/** The driver does not export this class. */
class PoolClosedError extends MongoTopologyClosedError {
	override get name() {
		return "MongoPoolClosedError";
	}
}

it.each(
	[
		new MongoNotConnectedError("no"),
		new MongoServerClosedError(),
		new MongoTopologyClosedError(),
		new PoolClosedError()
	].map(err => [err.name, err] as const)
)("counts %s, met while the client is connected anew, as an outage", async (_name, err) => {
	await expect(refuseOutages(() => Promise.reject(err))).rejects.toMatchObject({
		code: 503,
		type: "SERVICE_UNAVAILABLE",
		cause: err
	});
});

it("passes on what is no outage", async () => {
	const err = new MongoParseError("no");

	await expect(refuseOutages(() => Promise.reject(err))).rejects.toBe(err);
});
