import { waitForServer, type NeededServer } from "./wait-for-server";

const redis = (connect: () => Promise<unknown>): NeededServer => ({
	name: "Redis",
	variable: "REDIS_URL",
	hosts: "127.0.0.1:6379",
	connect
});
const refused = () => Promise.reject(new Error("connect ECONNREFUSED"));

it("reports each retry with address, variable and count, and connects when the server comes", async () => {
	const lines: string[] = [];
	let attempts = 0;
	const comesLate = () => (++attempts < 3 ? refused() : Promise.resolve());

	await waitForServer(redis(comesLate), {
		timeoutMs: 60_000,
		report: line => lines.push(line),
		pauseMs: 1
	});

	expect(lines).toEqual([
		expect.stringContaining("Redis at 127.0.0.1:6379 (REDIS_URL) does not answer: retry 1, 60 s left"),
		expect.stringContaining("第 2 次重试")
	]);
});

it("gives up when the time is over, in one line", async () => {
	const given = waitForServer(redis(refused), { timeoutMs: 10, report: () => undefined, pauseMs: 1 });

	await expect(given).rejects.toThrow(
		/^Redis .+ \/ Redis at 127\.0\.0\.1:6379 did not answer within 0\.01 s: .+REDIS_URL.+ECONNREFUSED\)$/
	);
});

it("waits for no server that refuses the password", async () => {
	let attempts = 0;
	const refuses = () => {
		attempts++;
		return Promise.reject(new Error("closed", { cause: new Error("WRONGPASS invalid password") }));
	};

	const given = waitForServer(redis(refuses), { timeoutMs: 60_000, report: () => undefined });

	await expect(given).rejects.toThrow("refuses this shop, see REDIS_URL: WRONGPASS");
	expect(attempts).toBe(1);
});
