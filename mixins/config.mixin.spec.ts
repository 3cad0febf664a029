import { Config } from "./config.mixin";

const answer = (version: number, fee: number) => ({ version, values: { "shipping.fee": fee } });

it("keeps the younger of two answers that overtake each other", async () => {
	const config = new Config();
	const slow = Promise.withResolvers<ReturnType<typeof answer>>();
	const first = config.take(() => slow.promise);
	await config.take(() => Promise.resolve(answer(2, 600)));

	slow.resolve(answer(1, 100));
	await first;

	expect(config.get("shipping.fee")).toBe(600);
});

it("goes on with what it knows when it could not ask, and when nothing changed", async () => {
	const config = new Config();
	await config.take(() => Promise.resolve(answer(3, 600)));

	await config.take(() => Promise.reject(new Error("away"))).catch(() => undefined);
	await config.take(version => Promise.resolve({ version, values: null }));

	expect(config.get("shipping.fee")).toBe(600);
});
