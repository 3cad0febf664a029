import { ShopProcess } from "../support/shop-process";
import { until } from "../support/until";

type Line = {
	msg: string;
	route: string;
	status: number;
	ms: number;
	requestId: string;
	userId?: string;
	errorCode?: string;
};

it("logs one line a request with ACCESS_LOG=on, by which a refusal can be found, and nothing personal", async () => {
	const shop = await ShopProcess.start({
		NATS_URL: "",
		MONGO_URL: "",
		REDIS_URL: "",
		LOG_LEVEL: "info",
		ACCESS_LOG: "on"
	});
	const token = await shop.asUser();
	const read = await shop.http("GET", "/orders?q=13900000000", { token });
	const refused = await shop.http("GET", "/orders/none", { token });
	const unknown = await shop.http("GET", "/13900000000");
	const lineOf = (requestId: string): Line | undefined =>
		shop.output
			.split("\n")
			.filter(line => line.includes(`"requestId":"${requestId}"`))
			.map(line => JSON.parse(line) as Line)
			.find(({ msg }) => msg.startsWith("A request was"));
	await until("the lines to be written", () => lineOf(unknown.body.requestId) !== undefined);
	const lines = [read, refused, unknown].map(({ body }) => lineOf(body.requestId));
	await shop.remove();

	expect(lines).toEqual([
		expect.objectContaining({ route: "GET /api/v1/orders", status: 200, userId: expect.any(String) }),
		expect.objectContaining({ route: "GET /api/v1/orders/:id", status: 404, errorCode: "NOT_FOUND" }),
		expect.objectContaining({ route: "GET (no route)", status: 404 })
	]);
	expect(JSON.stringify(lines)).not.toContain("13900000000");
});
