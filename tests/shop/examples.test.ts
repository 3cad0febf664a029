import { rmSync } from "node:fs";
import { ServiceBroker } from "moleculer";
import { backends } from "../../infrastructure/backends";
import { backendsMiddleware } from "../../middlewares/backends.middleware";
import { factsMiddleware } from "../../middlewares/facts.middleware";
import loyalty from "../../examples/loyalty.service";
import { until } from "../support/until";
import { settings } from "../../settings";

const broker = new ServiceBroker({
	logger: false,
	skipProcessEventRegistration: true,
	middlewares: [backendsMiddleware(), factsMiddleware()],
	registry: { stopDelay: 0 }
});

beforeAll(() => {
	broker.createService(loyalty);
	return broker.start();
});

afterAll(async () => {
	await broker.stop();
	rmSync(settings.dataDir, { recursive: true, force: true });
});

it("credits the yuan of a paid order once, however often it hears of it", async () => {
	const paid = { orderId: "O1", userId: "U1", paymentId: "P1", total: 12_345, lines: [] };
	const told = (id: string) => ({ id, event: "order.paid", payload: paid, at: new Date() });

	await backends.facts(broker.logger).publish([told("F1"), told("F2")]);
	await until("both facts are handled", async () => {
		const lags = await backends.facts(broker.logger).lag();
		return lags.every(({ pending }) => pending === 0);
	});

	expect(await broker.call("loyalty.points", { userId: "U1" })).toEqual({ points: 123 });
});
