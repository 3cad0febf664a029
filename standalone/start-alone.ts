import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { ServiceBroker, type ServiceSchema } from "moleculer";
import { backends } from "../infrastructure/backends";
import { answersMiddleware } from "../middlewares/answers.middleware";
import { backendsMiddleware } from "../middlewares/backends.middleware";
import { factsMiddleware } from "../middlewares/facts.middleware";
import { migrationsMiddleware } from "../middlewares/migrations.middleware";
import type { PayloadOf } from "../schemas/kit/contract";
import type { Caller } from "../schemas/kit/service";
import type { Events } from "../schemas/registry";

/**
 * Starts a service without the shop, for its tests: `node -r zjmall/test my.test.ts` gives it an empty data folder. `call`
 * calls an action, as a signed-in user where one is named; `tell` stores a fact and resolves when the service has handled it.
 */
export async function startAlone(schema: ServiceSchema) {
	const broker = new ServiceBroker({
		logger: false,
		skipProcessEventRegistration: true,
		middlewares: [backendsMiddleware(), migrationsMiddleware(), factsMiddleware(), answersMiddleware()],
		registry: { stopDelay: 0 }
	});
	broker.createService(schema);
	await broker.start();
	const facts = backends.facts(broker.logger);
	return {
		call: <R>(name: string, params: object = {}, user?: Pick<Caller, "id">): Promise<R> =>
			broker.call<R, object>(name, params, {
				meta: user ? { user: { roles: ["customer"], sessionId: "test", ...user } } : {}
			}),
		async tell<K extends keyof Events & string>(
			event: K,
			payload: PayloadOf<Events[K]> & object
		): Promise<void> {
			await facts.publish([
				{
					id: randomUUID(),
					event,
					payload: { ...payload },
					at: new Date()
				}
			]);
			while ((await facts.lag()).some(({ pending }) => pending > 0)) await pause(20);
		},
		stop: () => broker.stop()
	};
}
