import { CallMetrics } from "./call-metrics";

it("counts calls by their caller, with their errors and durations", async () => {
	const metrics = new CallMetrics("shop");
	const count = metrics.openAction({ service: "orders", action: "orders.create", type: "local" });
	const failure = Object.assign(new Error("no"), { name: 'A "name"', code: 503, type: "BUSY" });

	const answer = await count("api.rest", () => Promise.resolve("an order"));
	const rejected = await count("api.rest", () => Promise.reject(failure)).catch((err: unknown) => err);
	await count("", () => Promise.resolve());
	const text = metrics.render();

	const labels = 'namespace="shop",service="orders",action="orders.create",type="local",caller="api.rest"';
	expect([answer, rejected]).toEqual(["an order", failure]);
	expect(text).toContain(`moleculer_request_total{${labels}} 2`);
	expect(text).toContain(
		`moleculer_request_error_total{${labels},errorName="A \\"name\\"",errorCode="503",errorType="BUSY"} 1`
	);
	expect(text).toContain(`moleculer_request_time_bucket{${labels},le="+Inf"} 2`);
	expect(text).toContain(`moleculer_request_time_count{${labels}} 2`);
	expect(text).toMatch(/moleculer_request_total\{.*caller=""\} 1/);
});

it("counts each duration in its own bucket and in all wider ones", async () => {
	const metrics = new CallMetrics("shop");
	const count = metrics.openAction({ service: "s", action: "s.a", type: "local" });
	const clock = jest.spyOn(performance, "now").mockReturnValueOnce(0).mockReturnValueOnce(7);

	await count("", () => Promise.resolve());
	clock.mockRestore();

	const buckets = [...metrics.render().matchAll(/_bucket\{.*le="(.*)"\} (\d)/g)];
	const hit = buckets.filter(([, , n]) => n === "1").map(([, bound]) => bound);
	expect(hit).toEqual("10 25 50 100 250 500 1000 2500 5000 10000 +Inf".split(" "));
	expect(metrics.render()).toMatch(/_sum\{.*\} 7$/m);
});
