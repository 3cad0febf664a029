import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo, LookupFunction } from "node:net";
import { createGuardedLookup, postDelivery } from "./post-delivery";

const PUBLIC_ONLY = { allowLoopback: false };
let server: Server;
let requests = 0;
beforeAll(async () => {
	server = createServer((_req, res) => {
		requests++;
		res.end();
	}).listen(0, "127.0.0.1");
	await once(server, "listening");
});
afterAll(() => server.close());

const lookUp = (lookup: LookupFunction) =>
	new Promise<unknown>(resolve =>
		lookup("shop.example", { all: true }, (err, found) => resolve(err ? err.name : found))
	);
const resolving = (...addresses: string[]) =>
	(async () => addresses.map(address => ({ address, family: address.includes(":") ? 6 : 4 }))) as never;

it("connects to the addresses that it has checked, and to none where one of them is private", async () => {
	const pinned = await lookUp(createGuardedLookup(PUBLIC_ONLY, resolving("8.8.8.8", "2606:4700::1111")));

	expect(pinned).toEqual([
		{ address: "8.8.8.8", family: 4 },
		{ address: "2606:4700::1111", family: 6 }
	]);
	for (const addresses of [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["::1"], ["169.254.169.254"], []])
		expect(await lookUp(createGuardedLookup(PUBLIC_ONLY, resolving(...addresses)))).toBe(
			"PrivateAddressError"
		);
});

it("makes no request to this machine, whether its address or its name is given", async () => {
	const { port } = server.address() as AddressInfo;

	for (const host of ["127.0.0.1", "2130706433", "[::ffff:127.0.0.1]", "localhost"]) {
		const outcome = await postDelivery(`http://${host}:${port}/`, {}, "{}", PUBLIC_ONLY);
		expect(outcome).toEqual({ status: null, error: "The address is private" });
	}
	expect(requests).toBe(0);
	expect(await postDelivery(`http://127.0.0.1:${port}/`, {}, "{}", { allowLoopback: true })).toEqual({
		status: 200,
		error: null
	});
});
