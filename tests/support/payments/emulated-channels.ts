import { createPrivateKey, createPublicKey } from "node:crypto";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { IMPOSTOR, SANDBOX_ALIPAY, SANDBOX_WECHAT } from "../../../infrastructure/sandbox-keys/keys";
import { AlipayChannel } from "../../../services/payments/channels/alipay/alipay-channel";
import type { PaymentChannel, PaymentRequest } from "../../../services/payments/channels/payment-channel";
import { WechatChannel } from "../../../services/payments/channels/wechat/wechat-channel";
import { AlipayEmulator } from "../../../services/sandbox/emulators/alipay/alipay-emulator";
import type {
	ChannelEmulator,
	NotificationRequest
} from "../../../services/sandbox/emulators/channel-emulator";
import { memoryTradeStore } from "../../../services/sandbox/emulators/trade-store";
import { WechatEmulator } from "../../../services/sandbox/emulators/wechat/wechat-emulator";

export const CASHIER = "http://shop.example/sandbox/cashier";
export const RETURN_URL = "http://shop.example/return?from=cashier&x=1";

export class Clock {
	now = new Date("2026-01-31T08:00:00Z");
	readonly read = (): Date => this.now;

	advance(seconds: number): void {
		this.now = new Date(this.now.getTime() + seconds * 1000);
	}
}

/** A real client and the emulated channel that it talks to, over HTTP on the loopback. */
export interface EmulatedChannel {
	channel: PaymentChannel;
	emulator: ChannelEmulator;
	clock: Clock;
	/** The notifications that the channel would send by itself, such as after a refund. */
	notifications: NotificationRequest[];
	baseUrl: string;
	/** Sets the base of the file addresses that the channel announces from now on. */
	announceAt(url: string): void;
	stop(): Promise<void>;
}

const emulatorOptions = (clock: Clock, baseUrl: () => string) => ({
	baseUrl,
	trades: memoryTradeStore(),
	clock: clock.read,
	cashierBase: CASHIER,
	impostorPrivateKey: createPrivateKey(IMPOSTOR.privateKey)
});

export function startAlipay(): Promise<EmulatedChannel> {
	const { appId, sellerId, merchant, platform } = SANDBOX_ALIPAY;
	const keys = {
		merchantPublicKey: createPublicKey(merchant.publicKey),
		alipayPrivateKey: createPrivateKey(platform.privateKey)
	};
	return startChannel(
		(clock, url) => new AlipayEmulator({ ...emulatorOptions(clock, url), ...keys, appId, sellerId }),
		createAlipayClient
	);
}

export function startWechat(): Promise<EmulatedChannel> {
	const { merchant, platform, ...identity } = SANDBOX_WECHAT;
	const keys = {
		merchantPublicKey: createPublicKey(merchant.publicKey),
		platformPrivateKey: createPrivateKey(platform.privateKey)
	};
	return startChannel(
		(clock, url) => new WechatEmulator({ ...emulatorOptions(clock, url), ...keys, ...identity }),
		createWechatClient
	);
}

export const START_CHANNEL = { alipay: startAlipay, wechat: startWechat };

const common = (baseUrl: string, clock: Clock) => ({
	baseUrl,
	clock: clock.read,
	timeoutMs: 2000,
	returnUrl: RETURN_URL
});

export const createAlipayClient = (
	baseUrl: string,
	clock: Clock,
	changes: { timeoutMs?: number; privateKey?: string } = {}
) =>
	new AlipayChannel({
		...common(baseUrl, clock),
		appId: SANDBOX_ALIPAY.appId,
		merchantId: SANDBOX_ALIPAY.sellerId,
		notifyUrl: "http://shop.example/notify/alipay",
		merchantPrivateKey: changes.privateKey ?? SANDBOX_ALIPAY.merchant.privateKey,
		alipayPublicKeys: [SANDBOX_ALIPAY.platform.publicKey],
		...(changes.timeoutMs ? { timeoutMs: changes.timeoutMs } : {})
	});

export const createWechatClient = (
	baseUrl: string,
	clock: Clock,
	changes: { timeoutMs?: number; privateKey?: string } = {}
) =>
	new WechatChannel({
		...common(baseUrl, clock),
		appId: SANDBOX_WECHAT.appId,
		merchantId: SANDBOX_WECHAT.merchantId,
		notifyUrl: "http://shop.example/notify/wechat",
		merchantSerial: SANDBOX_WECHAT.merchantSerial,
		merchantPrivateKey: changes.privateKey ?? SANDBOX_WECHAT.merchant.privateKey,
		platformPublicKeys: { [SANDBOX_WECHAT.platformSerial]: SANDBOX_WECHAT.platform.publicKey },
		apiV3Key: SANDBOX_WECHAT.apiV3Key,
		...(changes.timeoutMs ? { timeoutMs: changes.timeoutMs } : {})
	});

export const CREATE_CLIENT = { alipay: createAlipayClient, wechat: createWechatClient };

let paymentCount = 0;

/** A request with a number of its own, payable for half an hour. */
export function aPaymentRequest(clock: Clock, changes: Partial<PaymentRequest> = {}): PaymentRequest {
	return {
		paymentNo: `PAY_${String(++paymentCount).padStart(8, "0")}`,
		amount: 12_345,
		description: "zjMall 订单 100% 折扣+礼品 🎁",
		scene: "qr",
		expiresAt: new Date(clock.now.getTime() + 30 * 60 * 1000),
		clientIp: "203.0.113.7",
		...changes
	};
}

export async function startServer(
	listener: RequestListener
): Promise<{ baseUrl: string; stop(): Promise<void> }> {
	const server = createServer(listener);
	await new Promise<void>(listening => server.listen(0, "127.0.0.1", listening));
	const { port } = server.address() as AddressInfo;
	const stop = () =>
		new Promise<void>(stopped => {
			server.close(() => stopped());
			server.closeAllConnections();
		});
	return { baseUrl: `http://127.0.0.1:${port}`, stop };
}

async function startChannel(
	emulatorOf: (clock: Clock, baseUrl: () => string) => ChannelEmulator,
	channelOf: (baseUrl: string, clock: Clock) => PaymentChannel
): Promise<EmulatedChannel> {
	const clock = new Clock();
	const emulator = emulatorOf(clock, () => announced);
	let announced = "";
	const notifications: NotificationRequest[] = [];
	const { baseUrl, stop } = await startServer(async (request, response) => {
		const [path = "", query = ""] = (request.url ?? "").split(/\?(.*)/s);
		const { method = "", headers } = request;
		const answer = await emulator.handle({
			method,
			path,
			query,
			headers,
			rawBody: await readBytes(request)
		});
		notifications.push(...answer.notifications);
		response.writeHead(answer.status, answer.headers).end(answer.body);
	});
	const announceAt = (url: string) => {
		announced = url;
	};
	announceAt(baseUrl);
	return {
		announceAt,
		channel: channelOf(baseUrl, clock),
		emulator,
		clock,
		notifications,
		baseUrl,
		stop
	};
}

async function readBytes(request: IncomingMessage): Promise<Buffer> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(Buffer.from(chunk));
	return Buffer.concat(chunks);
}
