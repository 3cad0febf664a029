import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Redis from "ioredis";
import { connect, type NatsConnection } from "nats";
import { contracts, events, factsByService } from "../../schemas/registry";
import { computePermissions, formatAuthorization } from "../../scripts/nats-permissions";
import { toPasswordVariable, toServiceName } from "../../scripts/process-users";
import { formatAcl } from "../../scripts/redis-permissions";
import { startNats, startRedis, type Server } from "../../scripts/servers/local";
import { aSku, StaffClient } from "../support/builders";
import { ROOT } from "../support/root";
import { Shopper } from "../support/shopper";
import { ShopProcess } from "../support/shop-process";
import { until } from "../support/until";

const NAMESPACE = "permissions";
const BUS = `MOL-${NAMESPACE}`;
const services = readdirSync(join(ROOT, "services"), { withFileTypes: true })
	.filter(entry => entry.isDirectory())
	.map(({ name }) => name);
const actions = Object.values(contracts).flatMap(contract =>
	Object.keys(contract.actions).map(action => `${contract.name}.${action}`)
);
/** The users of a shop in two processes, and one for each service. */
const EDGE = ["api", "auth", "users", "sandbox", "payments"];
const groups = {
	edge: EDGE,
	inner: services.filter(name => !EDGE.includes(name))
};
const users = new Map<string, readonly string[]>([
	...services.map(name => [name, [name]] as const),
	...Object.entries(groups)
]);
const OBSERVER = "observer";

const passwords = new Map(
	[...users.keys(), OBSERVER].map(user => [
		toPasswordVariable("NATS", user),
		`p${randomBytes(16).toString("hex")}`
	])
);

let nats: Server;
let observer: NatsConnection;
beforeAll(async () => {
	const unlimited = `users: [ { user: "${OBSERVER}", password: $${toPasswordVariable("NATS", OBSERVER)} }`;
	const authorization = formatAuthorization(users, NAMESPACE)
		.replace("users: [", unlimited)
		.replaceAll(/\$(NATS_PASSWORD_\w+)/g, (_, name: string) => passwords.get(name) ?? "");
	nats = await startNats({}, authorization);
	observer = await login(OBSERVER);
});
afterAll(async () => {
	await observer.close();
	await nats.stop();
});

const passwordOf = (user: string) => passwords.get(toPasswordVariable("NATS", user)) ?? "";
const login = (user: string) =>
	connect({ servers: nats.url, user, pass: passwordOf(user), inboxPrefix: `_INBOX_${user}` });

/** The subjects among `tried` on which the user's messages reach the bus. */
async function findPublishable(user: string, tried: readonly string[]): Promise<string[]> {
	const heard: string[] = [];
	const everything = observer.subscribe(">", { callback: (_err, { subject }) => heard.push(subject) });
	await observer.flush();
	const rogue = await login(user);
	for (const subject of tried) rogue.publish(subject, "{}");
	await rogue.flush();
	await observer.flush();
	await rogue.close();
	everything.unsubscribe();
	return tried.filter(subject => heard.includes(subject));
}

/** The subjects among `tried` whose messages the user can read. */
async function findReadable(user: string, tried: readonly string[]): Promise<string[]> {
	const heard: string[] = [];
	const rogue = await login(user);
	for (const subject of tried) rogue.subscribe(subject, { callback: err => !err && heard.push(subject) });
	await rogue.flush();
	for (const subject of tried) observer.publish(subject, "{}");
	await observer.flush();
	await rogue.flush();
	await rogue.close();
	return tried.filter(subject => heard.includes(subject));
}

/** The types of the errors that answer calls by somebody who has a user's password, but not the shop's program. */
async function callAsRogue(
	user: string,
	calls: readonly { readonly action: string; readonly params: object; readonly meta: object }[]
): Promise<string[]> {
	const rogue = await login(user);
	const replies: string[] = [];
	const node = `${user}.rogue`;
	for (const { action, params, meta } of calls) {
		const answer = rogue.subscribe(`${BUS}.RES.${node}`, { max: 1 });
		const head = { ver: "5", sender: node, id: randomBytes(8).toString("hex"), level: 1, tracing: false };
		rogue.publish(`${BUS}.REQB.${action}`, JSON.stringify({ ...head, action, params, meta }));
		for await (const message of answer)
			replies.push(message.json<{ error?: { type: string } }>().error?.type ?? "answered");
	}
	await rogue.close();
	return replies;
}

it.each(services)("lets %s call only what its source calls, whatever it tries", async user => {
	const { publish } = computePermissions(user, [user], NAMESPACE);
	const calls = actions.map(action => `${BUS}.REQB.${action}`);
	const deletions = ["STREAM.DELETE", "STREAM.PURGE", "STREAM.MSG.DELETE"].map(
		right => `$JS.API.${right}.${NAMESPACE}_facts`
	);

	const reached = await findPublishable(user, [
		...calls,
		...deletions,
		"$JS.API.STREAM.CREATE.other",
		"any"
	]);

	expect(reached.toSorted()).toEqual(calls.filter(call => publish.includes(call)).toSorted());
	expect(reached.length).toBeLessThan(user === "api" ? actions.length : 25);
});

it.each(services)("lets %s publish only the facts of its own contract", async user => {
	const subjects = Object.keys(events).map(event => `${NAMESPACE}.facts._.${event}`);
	const owned: Readonly<Record<string, object>> = factsByService;

	const reached = await findPublishable(user, [...subjects, `${NAMESPACE}.facts.orders.payment.succeeded`]);

	// Its process publishes again what others have published: what the stream has lost, and dead letters.
	const all = user === "dead-letters";
	const own = Object.keys(owned[toServiceName(user)] ?? {}).map(event => `${NAMESPACE}.facts._.${event}`);
	expect(reached.length).toBe(all ? subjects.length + 1 : own.length);
	if (!all) expect(reached.toSorted()).toEqual(own.toSorted());
});

it.each(services)("lets %s read only requests and answers of its own", async user => {
	const others = services.filter(name => name !== user);
	const tried = [
		...actions.map(action => `${BUS}.REQB.${action}`),
		...others.flatMap(name => [
			`${BUS}.RES.${name}.node-1`,
			`_INBOX_${name}.x`,
			`${BUS}.EVENTB.${toServiceName(name)}.x`
		]),
		`${BUS}.RES.${user}.node-1`,
		"_INBOX.x",
		`${NAMESPACE}.facts.x.order.paid`
	];

	const readable = await findReadable(user, tried);

	expect(readable.toSorted()).toEqual(
		[
			...actions
				.filter(action => action.startsWith(`${toServiceName(user)}.`))
				.map(action => `${BUS}.REQB.${action}`),
			`${BUS}.RES.${user}.node-1`
		].toSorted()
	);
});

/** A Redis with a user for each process of the shop, under the passwords that they have at NATS. */
async function startRedisWithUsers(): Promise<Server> {
	const redis = await startRedis();
	const env = Object.fromEntries(
		Object.keys(groups).map(user => [toPasswordVariable("REDIS", user), passwordOf(user)])
	);
	const sold = Object.entries(groups).map(
		([user, names]) => [user, names.filter(name => name !== "sandbox")] as const
	);
	const operator = new Redis(redis.url);
	for (const line of formatAcl(new Map(sold), NAMESPACE, env).trim().split("\n"))
		await operator.call("ACL", "SETUSER", ...line.split(" ").slice(1));
	operator.disconnect();
	return redis;
}

it("lets a shop of two processes with a user each trade", async () => {
	const redis = await startRedisWithUsers();
	const { publicKey, privateKey } = generateKeyPairSync("ed25519");
	const base64 = (der: Buffer) => der.toString("base64");
	const envOf = (user: string) => ({
		CALLER_PUBLIC_KEYS: base64(publicKey.export({ type: "spki", format: "der" })),
		...(user === "edge" && {
			CALLER_SIGNING_KEY: base64(privateKey.export({ type: "pkcs8", format: "der" }))
		}),
		NATS_URL: nats.url.replace("//", `//${user}:${passwordOf(user)}@`),
		MONGO_URL: "",
		REDIS_URL: redis.url.replace("//", `//${user}:${passwordOf(user)}@`),
		MALL_NAMESPACE: NAMESPACE
	});
	const dataDir = mkdtempSync(join(tmpdir(), "zjmall-"));
	const start = (user: keyof typeof groups) =>
		ShopProcess.start(envOf(user), { services: groups[user], dataDir });
	const [inner, edge] = await Promise.all([start("inner"), start("edge")]);
	await until("every service", async () => (await edge.http("GET", "//health/ready")).status === 200);
	const staff = new StaffClient(edge, await edge.asAdmin());
	const product = await staff.addProductOnShelf({ skus: [aSku({ price: 500 })] });
	await staff.addStock(product.skus[0].id, 10);
	const shopper = new Shopper(edge, await edge.asUser());

	const order = await shopper.order(product.skus[0].id);
	const payment = await shopper.createPayment(order.id);
	await shopper.payAtChannel(payment.paymentNo);
	const paid = await until("the order to be paid", async () => {
		const found = await shopper.mustSend("GET", `/orders/${order.id}`);
		return found.status === "paid" && found;
	});
	const output = inner.output + edge.output;
	const forged = { user: { id: "somebody", roles: ["customer"], sessionId: "s" } };
	const replies = await callAsRogue("edge", [
		{ action: "orders.list", params: {}, meta: forged },
		{ action: "orders.list", params: {}, meta: { ...forged, signedUser: "x.y" } },
		{ action: "orders.list", params: {}, meta: {} }
	]);
	await edge.end("SIGTERM");
	await inner.remove();
	await redis.stop();

	expect(paid.payment.status).toBe("succeeded");
	expect(output).not.toMatch(/Permissions Violation|NOPERM/);
	expect(replies).toEqual(["CALLER_NOT_SIGNED", "CALLER_NOT_SIGNED", "UNAUTHORIZED"]);
});
