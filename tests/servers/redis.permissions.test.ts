import Redis from "ioredis";
import { formatAcl, listKeyPatterns } from "../../scripts/redis-permissions";
import { productionServices, toPasswordVariable } from "../../scripts/process-users";
import { startRedis, type Server } from "../support/servers";

const NAMESPACE = "permissions";
const services = [...productionServices.keys()];
const patternsOf = (name: string) => listKeyPatterns([name], NAMESPACE);
const keysOf = (name: string) => patternsOf(name).map(pattern => pattern.replace("*", "some"));
const allKeys = services.flatMap(keysOf);

let server: Server;
beforeAll(async () => {
	server = await startRedis();
	const passwords = Object.fromEntries(
		services.map(name => [toPasswordVariable("REDIS", name), `password of ${name}`])
	);
	const lines = formatAcl(new Map(services.map(name => [name, [name]])), NAMESPACE, passwords);
	const operator = new Redis(server.url);
	for (const line of lines.trim().split("\n"))
		await operator.call("ACL", "SETUSER", ...line.split(" ").slice(1));
	await operator.call("ACL", "SETUSER", "default", "off");
	operator.disconnect();
});
afterAll(() => server.stop());

const login = (user: string) =>
	new Redis(server.url, { username: user, password: `password of ${user}`, retryStrategy: () => null });
const isDenied = (outcome: Promise<unknown>): Promise<boolean> =>
	outcome.then(
		() => false,
		(err: unknown) =>
			/NOPERM|access at least one of the keys/.test(String(err)) || Promise.reject(err as Error)
	);

it("gives keys to every service that has some in Redis", () => {
	expect(services.filter(name => patternsOf(name).length > 0)).toEqual(
		expect.arrayContaining(["api", "auth", "carts", "coupons", "products", "categories"])
	);
	expect(new Set(allKeys).size).toBe(allKeys.length);
});

it.each(services)("lets %s reach its own keys only, directly and by a script", async user => {
	const rogue = login(user);
	const own = keysOf(user);
	const reached = [];
	for (const key of [...allKeys, "permissions:other", "other"]) {
		const attempts = [
			rogue.set(key, "1"),
			rogue.get(key),
			rogue.del(key),
			rogue.eval("return redis.call('SET', KEYS[1], '1')", 1, key),
			rogue.eval(`return redis.call('GET', '${key}')`, 0)
		];
		if ((await Promise.all(attempts.map(isDenied))).includes(false)) reached.push(key);
	}
	rogue.disconnect();

	expect(reached.toSorted()).toEqual(own.toSorted());
});

it("lets nobody list keys, delete all, listen to others or change the server", async () => {
	const rogue = login("auth");
	const denied = await Promise.all(
		[
			["KEYS", "*"],
			["SCAN", "0"],
			["RANDOMKEY"],
			["DBSIZE"],
			["FLUSHALL"],
			["FLUSHDB"],
			["CONFIG", "GET", "*"],
			["ACL", "LIST"],
			["MONITOR"],
			["SHUTDOWN"],
			["REPLICAOF", "NO", "ONE"],
			["SUBSCRIBE", "x"],
			["PUBLISH", "x", "y"],
			["SCRIPT", "FLUSH"],
			["FUNCTION", "LIST"],
			["CLIENT", "LIST"],
			["CLIENT", "KILL", "TYPE", "normal"]
		].map(([command = "", ...args]) => isDenied(rogue.call(command, ...args)))
	);
	rogue.disconnect();

	expect(denied).not.toContain(false);
});

it("refuses to make users without passwords", () => {
	expect(() => formatAcl(new Map([["edge", ["api"]]]), NAMESPACE, {})).toThrow(/^REDIS_PASSWORD_EDGE: /);
});
