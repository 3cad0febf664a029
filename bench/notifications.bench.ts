import { generateKeyPairSync } from "node:crypto";
import type { NotificationRequest } from "../services/sandbox/emulators/channel-emulator";
import { atEvenPace } from "../tests/support/pace";
import { ShopProcess } from "../tests/support/shop-process";
import { ACK_STATUS, createWriters } from "../tests/support/payments/notification-writers";
import { StockedShop } from "../tests/support/payments/stocked-shop";
import { sumCpuMs } from "./processes";

/**
 * Measures genuine payment notifications during a flood of forged ones: 500 with a bad signature and two genuine ones a
 * second, for ten seconds; before that, the genuine ones alone. Run by `npm run bench:notifications`; exits with 1 if a forged
 * one is accepted or a genuine one rejected. This process sends them; its CPU time is not counted.
 */
const FORGED_PER_SECOND = 500;
const GENUINE_PER_SECOND = 2;
const SECONDS = 10;
const REJECTED = 401;
const CHANNELS = ["alipay", "wechat"] as const;

type Answer = { readonly status: number; readonly ms: number };

async function post({ url, body, headers }: NotificationRequest): Promise<Answer> {
	const at = performance.now();
	const response = await fetch(url, { method: "POST", body, headers });
	await response.arrayBuffer();
	return { status: response.status, ms: performance.now() - at };
}

const postAtEvenPace = (
	notifications: readonly NotificationRequest[],
	perSecond: number
): Promise<Answer[]> => atEvenPace(notifications, notifications.length / perSecond, post);

/** Response time in ms that this share of the answers did not exceed. */
const percentile = (answers: readonly Answer[], share: number) =>
	answers.map(({ ms }) => ms).sort((a, b) => a - b)[Math.ceil(answers.length * share) - 1] ?? NaN;

async function measure(till: StockedShop, channel: (typeof CHANNELS)[number], pid: number): Promise<boolean> {
	const write = createWriters(till.shop.url)[channel];
	const { privateKey: key } = generateKeyPairSync("rsa", { modulusLength: 2048 });
	const genuine: NotificationRequest[] = [];
	for (let n = 0; n < 2 * GENUINE_PER_SECOND * SECONDS; n++) {
		const order = await till.placeOrder();
		const payment = await till.shopper.createPayment(order.id, channel, "qr");
		await till.shopper.payAtChannel(payment.paymentNo, "never");
		genuine.push(write({ paymentNo: payment.paymentNo, amount: order.total }));
	}
	const forged = Array.from({ length: FORGED_PER_SECOND * SECONDS }, (_, n) =>
		write({ paymentNo: `none${n}`, amount: 1000 }, { key })
	);

	const alone = await postAtEvenPace(genuine.slice(0, genuine.length / 2), GENUINE_PER_SECOND);
	const [cpu, from] = [sumCpuMs([pid]), performance.now()];
	const [rejected, during] = await Promise.all([
		postAtEvenPace(forged, FORGED_PER_SECOND),
		postAtEvenPace(genuine.slice(genuine.length / 2), GENUINE_PER_SECOND)
	]);
	const seconds = (performance.now() - from) / 1000;
	const cores = (sumCpuMs([pid]) - cpu) / 1000 / seconds;

	const figures = [
		`${Math.round(rejected.length / seconds)} forged/s`,
		`${cores.toFixed(2)} cores`,
		`${((cores * 1000 * seconds) / rejected.length).toFixed(2)} ms CPU each`,
		`forged p99 ${percentile(rejected, 0.99).toFixed(0)} ms`,
		`genuine alone p50 ${percentile(alone, 0.5).toFixed(0)}, max ${percentile(alone, 1).toFixed(0)} ms`,
		`during the flood p50 ${percentile(during, 0.5).toFixed(0)}, max ${percentile(during, 1).toFixed(0)} ms`
	];
	process.stdout.write(`${channel.padEnd(8)}${figures.join("  ")}\n`);
	const accepted = [...alone, ...during].every(({ status }) => status === ACK_STATUS[channel]);
	return accepted && rejected.every(({ status }) => status === REJECTED);
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
		process.exitCode
			? "FAILED: a forged one was accepted or a genuine one rejected\n"
			: "every genuine one accepted, every forged one rejected\n"
	);
}

main().catch((err: unknown) => {
	process.stderr.write(`${err instanceof Error ? err.stack : String(err)}\n`);
	process.exit(1);
});
