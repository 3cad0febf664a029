import { generateKeyPairSync } from "node:crypto";
import type { NotificationRequest } from "../services/sandbox/emulators/channel-emulator";
import { atEvenPace } from "../tests/support/pace";
import { ShopProcess } from "../tests/support/shop-process";
import { ACK, writersAt } from "../tests/support/payments/notification-writers";
import { StockedShop } from "../tests/support/payments/stocked-shop";
import { cpuOf } from "./processes";

/**
 * Payment notifications through a flood of forged ones: 500 badly signed a second for ten seconds, at an even pace, and
 * beside them two good ones a second; before it the good ones alone. `npm run bench:notices`; ends with 1 if a forged one is
 * taken or a good one is not. The senders are this process, whose CPU does not count.
 */
const FORGED_A_SECOND = 500;
const GOOD_A_SECOND = 2;
const SECONDS = 10;
const TURNED_AWAY = 401;
const CHANNELS = ["alipay", "wechat"] as const;

type Answer = { readonly status: number; readonly ms: number };

async function post({ url, body, headers }: NotificationRequest): Promise<Answer> {
	const at = performance.now();
	const response = await fetch(url, { method: "POST", body, headers });
	await response.arrayBuffer();
	return { status: response.status, ms: performance.now() - at };
}

const paced = (notices: readonly NotificationRequest[], aSecond: number): Promise<Answer[]> =>
	atEvenPace(notices, notices.length / aSecond, post);

const at = (answers: readonly Answer[], share: number) =>
	answers.map(({ ms }) => ms).sort((a, b) => a - b)[Math.ceil(answers.length * share) - 1] ?? NaN;

async function measure(till: StockedShop, channel: (typeof CHANNELS)[number], pid: number): Promise<boolean> {
	const write = writersAt(till.shop.url)[channel];
	const { privateKey: key } = generateKeyPairSync("rsa", { modulusLength: 2048 });
	const good: NotificationRequest[] = [];
	for (let n = 0; n < 2 * GOOD_A_SECOND * SECONDS; n++) {
		const order = await till.order();
		const payment = await till.shopper.createPayment(order.id, channel, "qr");
		await till.shopper.payAtChannel(payment.paymentNo, "never");
		good.push(write({ paymentNo: payment.paymentNo, amount: order.total }));
	}
	const forged = Array.from({ length: FORGED_A_SECOND * SECONDS }, (_, n) =>
		write({ paymentNo: `none${n}`, amount: 1000 }, { key })
	);

	const alone = await paced(good.slice(0, good.length / 2), GOOD_A_SECOND);
	const [cpu, from] = [cpuOf([pid]), performance.now()];
	const [turnedAway, among] = await Promise.all([
		paced(forged, FORGED_A_SECOND),
		paced(good.slice(good.length / 2), GOOD_A_SECOND)
	]);
	const seconds = (performance.now() - from) / 1000;
	const cores = (cpuOf([pid]) - cpu) / 1000 / seconds;

	const figures = [
		`${Math.round(turnedAway.length / seconds)} forged/s`,
		`${cores.toFixed(2)} cores`,
		`${((cores * 1000 * seconds) / turnedAway.length).toFixed(2)} ms CPU each`,
		`forged p99 ${at(turnedAway, 0.99).toFixed(0)} ms`,
		`good alone p50 ${at(alone, 0.5).toFixed(0)}, most ${at(alone, 1).toFixed(0)} ms`,
		`among forged p50 ${at(among, 0.5).toFixed(0)}, most ${at(among, 1).toFixed(0)} ms`
	];
	process.stdout.write(`${channel.padEnd(8)}${figures.join("  ")}\n`);
	const taken = [...alone, ...among].every(({ status }) => status === ACK[channel]);
	return taken && turnedAway.every(({ status }) => status === TURNED_AWAY);
}

async function main(): Promise<void> {
	const shop = await ShopProcess.start();
	try {
		const till = await StockedShop.at(shop);
		for (const channel of CHANNELS) if (!(await measure(till, channel, shop.pid))) process.exitCode = 1;
	} finally {
		await shop.remove();
	}
	process.stdout.write(
		process.exitCode ? "NOT AS IT SHOULD BE\n" : "every good one taken, no forged one\n"
	);
}

main().catch((err: unknown) => {
	process.stderr.write(`${err instanceof Error ? err.stack : String(err)}\n`);
	process.exit(1);
});
