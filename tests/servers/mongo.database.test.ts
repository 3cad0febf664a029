import type { CommandStartedEvent } from "mongodb";
import { ulid } from "ulid";
import { openMongoCollection } from "../../infrastructure/documents/mongo/collection";
import { createMongoDatabase } from "../../infrastructure/documents/mongo/database";
import { startMongo, type Server } from "../support/servers";
import { until } from "../support/until";
import type { Item } from "../contracts/collection.contract";

const name = `zjmall-database-${process.pid}`;

it("sends its concerns and time-outs with the commands", async () => {
	const mongo = createMongoDatabase({ url: process.env["MONGO_URL"] ?? "", name, monitored: true });
	const items = openMongoCollection<Item>(mongo.db, "items");
	const sent = new Map<string, CommandStartedEvent["command"]>();
	mongo.db.client.on("commandStarted", ({ commandName, command }) => sent.set(commandName, command));

	await mongo.open();
	await items.insert({ _id: "a", n: 1 });
	await items.change({ _id: "a" }, { $inc: { n: 1 } });
	await items.changeMany({ n: 2 }, { $inc: { n: 1 } });
	await items.find({ n: 3 });
	await items.count({ n: 3 });
	await items.remove({ n: 3 });
	await mongo.drop();
	await mongo.close();

	const writeConcern = { w: "majority", j: true, wtimeout: 5_000 };
	const readConcern = { level: "majority" };
	expect(sent.get("insert")).toMatchObject({ writeConcern });
	expect(sent.get("findAndModify")).toMatchObject({ writeConcern, maxTimeMS: 5_000 });
	expect(sent.get("update")).toMatchObject({ writeConcern, maxTimeMS: 15_000 });
	expect(sent.get("delete")).toMatchObject({ writeConcern, maxTimeMS: 15_000 });
	expect(sent.get("find")).toMatchObject({ readConcern, maxTimeMS: 5_000 });
	expect(sent.get("aggregate")).toMatchObject({ readConcern, maxTimeMS: 5_000 });
});

describe("a server that goes and comes back", () => {
	let server: Server;
	beforeAll(async () => void (server = await startMongo({ durable: true })));
	afterAll(() => server.stop());

	it("has every write that it answered, after kill -9; the same connection goes on", async () => {
		const mongo = createMongoDatabase({ url: server.url, name: `${name}-${ulid()}` });
		await mongo.open();
		const items = openMongoCollection<Item>(mongo.db, "items");
		await items.index({ keys: { key: 1 }, unique: true });
		const answered: string[] = [];
		let killed = false;
		const writers = Array.from({ length: 8 }, async (_, writer) => {
			for (let i = 0; !killed; i++) {
				const key = `${writer}-${i}`;
				const stored = await items.insert({ _id: key, key }).then(
					() => true,
					() => false
				);
				if (stored && answered.push(key) === 300) {
					killed = true;
					await server.kill("SIGKILL");
				}
			}
		});
		await Promise.all(writers);
		await expect(mongo.ping()).rejects.toThrow();
		await server.start();

		// Connections that died with the server fail once more before the pool has thrown them all away.
		const found = await until("the documents to be read", () => items.find({}).catch(() => null));

		expect(found.map(({ _id }) => _id)).toEqual(expect.arrayContaining(answered));
		expect(found.length).toBeLessThanOrEqual(answered.length + 8);
		expect(await items.indexes()).toEqual([{ keys: { key: 1 }, unique: true, sparse: false }]);
		await expect(mongo.ping()).resolves.toBeUndefined();
		await mongo.close();
	});
});
