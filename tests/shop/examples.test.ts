import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { ServiceBroker } from "moleculer";
import type * as BackendsModule from "../../infrastructure/backends";
import type * as BackendsMiddlewareModule from "../../middlewares/backends.middleware";
import type * as FactsModule from "../../middlewares/facts.middleware";
import type * as LoyaltyModule from "../../examples/loyalty.service";
import { until } from "../support/until";

const dataDir = mkdtempSync(join(tmpdir(), "zjmall-examples-"));
Object.assign(process.env, { DATA_DIR: dataDir, MALL_NAMESPACE: basename(dataDir) });
// Required here and not imported above: the settings are read with the modules.
const { backends } = require("../../infrastructure/backends") as typeof BackendsModule;
const { backendsMiddleware } =
	require("../../middlewares/backends.middleware") as typeof BackendsMiddlewareModule;
const { factsMiddleware } = require("../../middlewares/facts.middleware") as typeof FactsModule;
const { default: loyalty } = require("../../examples/loyalty.service") as typeof LoyaltyModule;

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
	rmSync(dataDir, { recursive: true });
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
