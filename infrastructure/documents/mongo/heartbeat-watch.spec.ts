import { EventEmitter } from "node:events";
import { reconnectWhenHanging } from "./heartbeat-watch";

const SERVER = { connectionId: "127.0.0.1:27017" };
const MINUTE_MS = 60_000;

function aWatchedClient() {
	const calls: string[] = [];
	const client = Object.assign(new EventEmitter(), {
		close: async () => void calls.push("close"),
		connect: async () => void calls.push("connect")
	});
	const stop = reconnectWhenHanging(client as never);
	return { client, calls, stop };
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

it("connects anew, once, where a heartbeat never ends", async () => {
	const { client, calls, stop } = aWatchedClient();
	client.emit("serverHeartbeatStarted", SERVER);

	await jest.advanceTimersByTimeAsync(5 * MINUTE_MS);
	stop();

	expect(calls).toEqual(["close", "connect"]);
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
