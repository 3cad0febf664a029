import { Errors, ServiceBroker } from "moleculer";
import { NatsBus } from "../../infrastructure/bus/nats-bus";
import { busMiddleware } from "../../middlewares/bus.middleware";
import { startNats, type Server } from "../support/servers";

const RETRIES = 3;
let nats: Server;
const brokers: ServiceBroker[] = [];
const tries = { silent: 0, failing: 0 };

function aNode(nodeID: string): ServiceBroker {
	const broker = new ServiceBroker({
		namespace: "retries",
		nodeID,
		logger: false,
		transporter: new NatsBus({ servers: [new URL(nats.url).host] }),
		disableBalancer: true,
		requestTimeout: 2_000,
		retryPolicy: {
			enabled: true,
			retries: RETRIES,
			delay: 10,
			maxDelay: 20,
			factor: 2,
			check: () => true
		},
		skipProcessEventRegistration: true,
		middlewares: [busMiddleware()]
	});
	brokers.push(broker);
	return broker;
}
const worker = {
	name: "worker",
	actions: {
		silent: () => {
			tries.silent++;
			return new Promise<never>(() => undefined);
		},
		failing: () => {
			tries.failing++;
			throw new Errors.MoleculerRetryableError("Not now", 503, "NOT_NOW");
		}
	}
};
beforeAll(async () => {
	nats = await startNats();
	const [alone, caller, callee] = [aNode("alone"), aNode("caller"), aNode("callee")];
	alone.createService({ ...worker, name: "alone" });
	callee.createService(worker);
	await Promise.all(brokers.map(broker => broker.start()));
	await caller.waitForServices("worker");
});
beforeEach(() => Object.assign(tries, { silent: 0, failing: 0 }));
afterAll(async () => {
	await Promise.all(brokers.map(broker => broker.stop()));
	await nats.stop();
});

it.each([
	["a service of its own node", "alone", "alone"],
	["a service of another node", "caller", "worker"]
])("retries a call of %s by the policy and no more", async (_title, nodeID, service) => {
	const caller = brokers.find(broker => broker.nodeID === nodeID);

	await expect(caller?.call(`${service}.failing`)).rejects.toThrow("Not now");
	await expect(caller?.call(`${service}.silent`)).rejects.toThrow("timed out");
	// Retries of a storm would be under way before the response to this call.
	await expect(caller?.call(`${service}.failing`, {}, { retries: 0 })).rejects.toThrow("Not now");

	expect(tries).toEqual({ silent: RETRIES + 1, failing: RETRIES + 2 });
});
