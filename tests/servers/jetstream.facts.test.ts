import { factsContract } from "../facts/transport.contract";
import { startNats, type Server } from "../harness/servers";
import { aShop } from "./jetstream.shop";

let nats: Server;
beforeAll(async () => {
	nats = await startNats();
});
afterAll(() => nats.stop());

factsContract("JetStream", async () => aShop(nats));
