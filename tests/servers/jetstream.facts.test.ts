import { factsContract } from "../contracts/facts.contract";
import { startNats, type Server } from "../support/servers";
import { openFactsShop } from "./jetstream.facts-shop";

let nats: Server;
beforeAll(async () => {
	nats = await startNats();
});
afterAll(() => nats.stop());

factsContract("JetStream", async () => openFactsShop(nats));
