import { EventEmitter } from "node:events";
import { reconnectWhenHanging } from "./heartbeat-watch";

const SERVER = { connectionId: "127.0.0.1:27017" };
const MINUTE_MS = 60_000;

/** A client that writes down how it is called, and where connecting fails so many times first. */
function aWatchedClient({ failures = 0, connecting = Promise.resolve() } = {}) {
	const calls: string[] = [];
	const warnings: string[] = [];
	let left = failures;
	const client = Object.assign(new EventEmitter(), {
		close: async () => void calls.push("close"),
		connect: async () => {
			calls.push("connect");
			if (left-- > 0) throw new Error("no server");
			await connecting;
		}
	});
	const stop = reconnectWhenHanging(client as never, text => warnings.push(text));
	return { client, calls, warnings, stop };
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

it("connects anew, once, where a heartbeat never ends", async () => {
	const { client, calls, warnings, stop } = aWatchedClient();
	client.emit("serverHeartbeatStarted", SERVER);

	await jest.advanceTimersByTimeAsync(5 * MINUTE_MS);
	stop();

	expect(calls).toEqual(["close", "connect"]);
	expect(warnings).toEqual([expect.stringContaining("connecting anew")]);
});

it("tries again until it is connected, each time from a closed client", async () => {
	const { client, calls, stop } = aWatchedClient({ failures: 2 });
	client.emit("serverHeartbeatStarted", SERVER);

	await jest.advanceTimersByTimeAsync(5 * MINUTE_MS);
	stop();

	expect(calls).toEqual(["close", "connect", "close", "connect", "close", "connect"]);
});

it("tries no more once it is stopped", async () => {
	const { client, calls, stop } = aWatchedClient({ failures: Infinity });
	client.emit("serverHeartbeatStarted", SERVER);
	await jest.advanceTimersByTimeAsync(MINUTE_MS);
	stop();
	const before = calls.length;

	await jest.advanceTimersByTimeAsync(5 * MINUTE_MS);

	expect(before).toBeGreaterThan(0);
	expect(calls).toHaveLength(before);
});

it("closes a client that is being connected when the watch ends", async () => {
	const { promise: connecting, resolve } = Promise.withResolvers<void>();
	const { client, calls, stop } = aWatchedClient({ connecting });
	client.emit("serverHeartbeatStarted", SERVER);
	await jest.advanceTimersByTimeAsync(MINUTE_MS);

	stop();
	resolve();
	await jest.advanceTimersByTimeAsync(MINUTE_MS);

	expect(calls).toEqual(["close", "connect", "close"]);
});

it("leaves a client alone whose heartbeats end, whether they succeed or fail", async () => {
	const { client, calls, stop } = aWatchedClient();
	for (let n = 0; n < 30; n++) {
		client.emit("serverHeartbeatStarted", SERVER);
		await jest.advanceTimersByTimeAsync(5_000);
		client.emit(n % 2 ? "serverHeartbeatFailed" : "serverHeartbeatSucceeded", SERVER);
	}
	await jest.advanceTimersByTimeAsync(5 * MINUTE_MS);
	stop();

	expect(calls).toEqual([]);
});
