import { createHostCheck } from "./own-host";

const PUBLIC = "https://Shop.example/mall";
const check = createHostCheck(PUBLIC);
const isOwn = (host: string | undefined, url = "/api/v1/products") => check(host, url);

it.each(["shop.example", "SHOP.example:8443", "127.0.0.1:3000", "localhost", "[::1]:3000"])(
	"takes a request for %s",
	host => expect(isOwn(host)).toBe(true)
);

it.each([
	"evil.example",
	"shop.example.evil.example",
	"evilshop.example",
	"shop.example@evil.example",
	"evil.example/shop.example",
	"evil.example#shop.example",
	"127.0.0.1.evil.example",
	"10.0.0.7:3000",
	"",
	"a b",
	undefined
])("refuses a request for %s", host => expect(isOwn(host)).toBe(false));

it("lets balancers and Prometheus in by any address, and nothing beside their routes", () => {
	expect(["/health/live", "/health/ready?x=1", "/metrics"].map(url => isOwn("10.0.0.7", url))).toEqual([
		true,
		true,
		true
	]);
	expect(["/health", "/metrics/x", "/health/ready/x"].map(url => isOwn("10.0.0.7", url))).toEqual([
		false,
		false,
		false
	]);
});

it("takes every request where the shop does not know its address", () => {
	expect(createHostCheck("")("evil.example", "/")).toBe(true);
});
