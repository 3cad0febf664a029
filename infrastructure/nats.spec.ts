import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toNatsOptions } from "./nats";

const PLAIN = {
	credsFile: "",
	tls: { caFile: "", certFile: "", keyFile: "" },
	replicas: 1,
	maxAgeHours: 1,
	maxBytes: -1
};

it("takes every server of the address, and reconnects without end", () => {
	const options = toNatsOptions({ ...PLAIN, servers: ["nats://a:4222", "nats://b:4223"] });

	expect(options).toMatchObject({
		servers: ["a:4222", "b:4223"],
		maxReconnectAttempts: -1,
		waitOnFirstConnect: true
	});
	expect(options).not.toHaveProperty("tls");
	expect(options).not.toHaveProperty("user");
});

it("takes user and password, or a token, from the address as they were before encoding", () => {
	const user = toNatsOptions({ ...PLAIN, servers: ["nats://shop:p%40ss@a:4222", "nats://b:4222"] });
	const token = toNatsOptions({ ...PLAIN, servers: ["nats://t%2Fken@a:4222"] });

	expect(user).toMatchObject({ user: "shop", pass: "p@ss" });
	expect(token).toMatchObject({ token: "t/ken" });
});

it("uses TLS when the address or a file asks for it", () => {
	const byAddress = toNatsOptions({ ...PLAIN, servers: ["tls://a:4222"] });
	const byFile = toNatsOptions({
		...PLAIN,
		tls: { ...PLAIN.tls, caFile: "ca.pem" },
		servers: ["nats://a:4222"]
	});

	expect(byAddress.tls).toEqual({});
	expect(byFile.tls).toEqual({ caFile: "ca.pem" });
});

it("signs in by a credentials file", () => {
	const folder = mkdtempSync(join(tmpdir(), "zjmall-"));
	const credsFile = join(folder, "shop.creds");
	writeFileSync(credsFile, "");

	const options = toNatsOptions({ ...PLAIN, credsFile, servers: ["nats://a:4222"] });

	rmSync(folder, { recursive: true });
	expect(options.authenticator).toBeInstanceOf(Function);
});
