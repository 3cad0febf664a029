import { Config } from "./config";

const answer = (revision: number, fee: number) => ({ revision, values: { "shipping.fee": fee } });

it("keeps the response to the later of two requests that overtake each other", async () => {
	const config = new Config();
	const slow = Promise.withResolvers<ReturnType<typeof answer>>();
	const first = config.load(() => slow.promise);
	await config.load(() => Promise.resolve(answer(2, 600)));

	slow.resolve(answer(1, 100));
	await first;

	expect(config.get("shipping.fee")).toBe(600);
});

it("keeps its values when a request fails, and when nothing has changed", async () => {
	const config = new Config();
	await config.load(() => Promise.resolve(answer(3, 600)));

	await config.load(() => Promise.reject(new Error("away"))).catch(() => undefined);
	await config.load(revision => Promise.resolve({ revision, values: null }));

	expect(config.get("shipping.fee")).toBe(600);
});
