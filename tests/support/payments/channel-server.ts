import { createPrivateKey, createPublicKey } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { IMPOSTOR, SANDBOX_ALIPAY, SANDBOX_WECHAT } from "../../../infrastructure/sandbox-keys/keys";
import type { ChannelName } from "../../../schemas/payments.contract";
import { AlipayEmulator } from "../../../services/sandbox/emulators/alipay/alipay-emulator";
import type {
	ChannelEmulator,
	EmulatorReply,
	NotificationRequest
} from "../../../services/sandbox/emulators/channel-emulator";
import { memoryTradeStore } from "../../../services/sandbox/emulators/trade-store";
import { WechatEmulator } from "../../../services/sandbox/emulators/wechat/wechat-emulator";
import { generateKeyPair, type KeyPair } from "./key-pair";

/** A request of the shop to a channel. */
export type ChannelRequest = {
	readonly channel: ChannelName;
	readonly method: string;
	readonly path: string;
	readonly query: string;
	readonly body: string;
};
/** Happens instead of the channel's answer. `handle` has the channel carry the request out all the same. */
export type ChannelFault = (
	response: ServerResponse,
	handle: () => Promise<EmulatorReply>,
	request: ChannelRequest
) => Promise<void> | void;
type Emulators = Readonly<Record<ChannelName, ChannelEmulator>>;

export const NEW_WECHAT_SERIAL = "PUB_KEY_ID_0119000000012027010100000000000002";

/**
 * The two emulated payment channels behind an HTTP server of their own. A shop reaches it by the settings that otherwise name
 * the real channels. A `fault` may replace its answers, its clock is `skewMs` ahead of the test's, and it can change its keys.
 */
export class ChannelServer {
	readonly requests: ChannelRequest[] = [];
	fault: ChannelFault | null = null;
	skewMs = 0;
	signsWith: "old" | "new" = "old";
	readonly trades = memoryTradeStore();
	private readonly newKeys = { alipay: generateKeyPair(), wechat: generateKeyPair() };
	private readonly emulators: Readonly<Record<"old" | "new", Emulators>>;
	private server: Server | null = null;

	private constructor(private port: number) {
		this.emulators = {
			old: this.createEmulators(
				SANDBOX_ALIPAY.platform,
				SANDBOX_WECHAT.platform,
				SANDBOX_WECHAT.platformSerial
			),
			new: this.createEmulators(this.newKeys.alipay, this.newKeys.wechat, NEW_WECHAT_SERIAL)
		};
	}

	static async start(): Promise<ChannelServer> {
		const channelServer = new ChannelServer(0);
		await channelServer.listen();
		return channelServer;
	}

	/** The settings of a shop that has its accounts here, with both the old and the new keys. */
	get env(): Record<string, string> {
		const { alipay, wechat } = this.newKeys;
		return {
			SANDBOX: "off",
			ALIPAY_BASE_URL: this.urlOf("alipay"),
			ALIPAY_APP_ID: SANDBOX_ALIPAY.appId,
			ALIPAY_SELLER_ID: SANDBOX_ALIPAY.sellerId,
			ALIPAY_PRIVATE_KEY: SANDBOX_ALIPAY.merchant.privateKey,
			ALIPAY_PUBLIC_KEY: `${SANDBOX_ALIPAY.platform.publicKey}\n${alipay.publicKey}`,
			WECHAT_BASE_URL: this.urlOf("wechat"),
			WECHAT_MCH_ID: SANDBOX_WECHAT.merchantId,
			WECHAT_APP_ID: SANDBOX_WECHAT.appId,
			WECHAT_SERIAL: SANDBOX_WECHAT.merchantSerial,
			WECHAT_PRIVATE_KEY: SANDBOX_WECHAT.merchant.privateKey,
			WECHAT_PLATFORM_SERIAL: `${SANDBOX_WECHAT.platformSerial},${NEW_WECHAT_SERIAL}`,
			WECHAT_PLATFORM_KEY: `${SANDBOX_WECHAT.platform.publicKey}\n${wechat.publicKey}`,
			WECHAT_API_V3_KEY: SANDBOX_WECHAT.apiV3Key
		};
	}

	emulator(channel: ChannelName): ChannelEmulator {
		return this.emulators[this.signsWith][channel];
	}

	/** The buyer pays, and the channel notifies the shop unless `notify` is false. */
	async takePayment(payment: PaymentAtChannel, { notify = true } = {}): Promise<NotificationRequest> {
		const { channel, paymentNo, action } = payment;
		const paid = await this.emulator(channel).pay(paymentNo, "success", action);
		if (!("notification" in paid)) throw new Error(`${paymentNo}: ${paid.outcome}`);
		if (notify) await postNotification(paid.notification);
		return paid.notification;
	}

	/** The amounts of the payment's refunds at the channel. */
	async refundedAmounts({ paymentNo }: Pick<PaymentAtChannel, "paymentNo">): Promise<number[]> {
		const trade = await this.trades.load(paymentNo);
		return trade?.refunds.map(({ amount }) => amount) ?? [];
	}

	/** Stops listening; `listen` starts again at the same address. */
	async stop(): Promise<void> {
		const { server } = this;
		this.server = null;
		if (!server) return;
		await new Promise<void>(closed => {
			server.close(() => closed());
			server.closeAllConnections();
		});
	}

	async listen(): Promise<void> {
		const server = createServer((request, response) => void this.answer(request, response));
		this.server = server;
		await new Promise<void>(listening => server.listen(this.port, "127.0.0.1", listening));
		this.port = (server.address() as AddressInfo).port;
	}

	private urlOf = (channel: ChannelName) => `http://127.0.0.1:${this.port}/${channel}`;

	private createEmulators(alipay: KeyPair, wechat: KeyPair, platformSerial: string): Emulators {
		const common = (channel: ChannelName) => ({
			trades: this.trades,
			clock: () => new Date(Date.now() + this.skewMs),
			baseUrl: () => this.urlOf(channel),
			cashierBase: "http://cashier.example",
			impostorPrivateKey: createPrivateKey(IMPOSTOR.privateKey)
		});
		const { appId, merchantId, merchantSerial, merchant, apiV3Key } = SANDBOX_WECHAT;
		return {
			alipay: new AlipayEmulator({
				...common("alipay"),
				appId: SANDBOX_ALIPAY.appId,
				sellerId: SANDBOX_ALIPAY.sellerId,
				merchantPublicKey: createPublicKey(SANDBOX_ALIPAY.merchant.publicKey),
				alipayPrivateKey: createPrivateKey(alipay.privateKey)
			}),
			wechat: new WechatEmulator({
				...common("wechat"),
				appId,
				merchantId,
				merchantSerial,
				merchantPublicKey: createPublicKey(merchant.publicKey),
				platformSerial,
				platformPrivateKey: createPrivateKey(wechat.privateKey),
				apiV3Key
			})
		};
	}

	private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const { method = "", headers } = request;
		const [, channel = "", path = "", query = ""] =
			/^\/(alipay|wechat)([^?]*)\??(.*)$/s.exec(request.url ?? "") ?? [];
		if (channel !== "alipay" && channel !== "wechat") return void response.writeHead(404).end();
		const rawBody = await readBytes(request);
		const channelRequest = { channel, method, path, query, body: rawBody.toString() } as const;
		this.requests.push(channelRequest);
		const handle = () => this.emulator(channel).handle({ method, path, query, headers, rawBody });
		if (this.fault) return this.fault(response, handle, channelRequest);
		const { status, headers: replyHeaders, body, notifications } = await handle();
		response.writeHead(status, replyHeaders).end(body);
		for (const notification of notifications) await postNotification(notification);
	}
}

type PaymentAtChannel = {
	readonly channel: ChannelName;
	readonly paymentNo: string;
	readonly action: { readonly url?: string; readonly params?: Readonly<Record<string, string>> } | null;
};

/** Answers the shop's status, or 0 when the shop is not there. */
export const postNotification = ({ url, headers, body }: NotificationRequest): Promise<number> =>
	fetch(url, { method: "POST", headers, body }).then(
		response => response.status,
		() => 0
	);

async function readBytes(request: IncomingMessage): Promise<Buffer> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
	return Buffer.concat(chunks);
}
