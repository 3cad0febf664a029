import { createPrivateKey, createPublicKey } from "node:crypto";
import type { Service } from "moleculer";
import { exchangeHttp, getGatewayUrl, IMPOSTOR, SANDBOX_ALIPAY, SANDBOX_WECHAT } from "../../mixins/platform";
import type { Store } from "../../mixins/store.mixin";
import type { RawResponse } from "../../schemas/http.contract";
import { API_BASE } from "../../schemas/kit/contract";
import type { Mixin } from "../../schemas/kit/service";
import type { ChannelName } from "../../schemas/payments.contract";
import { documentTradeStore, type StoredTrade } from "./document-trade-store";
import { AlipayEmulator } from "./emulators/alipay/alipay-emulator";
import type { NotificationRequest } from "./emulators/channel-emulator";
import { WechatEmulator } from "./emulators/wechat/wechat-emulator";
import type { Emulators, NotificationReply, SandboxContext } from "./sandbox.context";

/** The emulated channels' paths at the gateway. The emulators see paths without them, since WeChat signs the path. */
const PREFIX = { alipay: `${API_BASE}/sandbox/alipay`, wechat: `${API_BASE}/sandbox/wechat` } as const;
const NOTIFICATION_LIMITS = { timeoutMs: 5000, maxBytes: 100_000 };

export const emulatorsMixin: Mixin<Pick<SandboxContext, "emulators" | "post">> = {
	created(this: Service & { trades?: Store<StoredTrade> }) {
		let created: Emulators | undefined;
		const emulators = () => {
			if (!this.trades) throw new Error("The emulators need the store mixin beside them");
			return (created ??= createEmulators(this.trades, getGatewayUrl(this.broker)));
		};
		const post = async ({ url, headers, body }: NotificationRequest): Promise<NotificationReply> => {
			const reply = await exchangeHttp({ method: "POST", url, headers, body }, NOTIFICATION_LIMITS);
			if (!("failure" in reply)) return { status: reply.status, body: reply.body.toString() };
			this.logger.warn({ ...reply, url }, "A notification did not arrive; the shop has to ask");
			return { status: 0, body: "" };
		};
		Object.assign(this, { emulators, post });
	}
};

function createEmulators(trades: Store<StoredTrade>, gateway: string): Emulators {
	const common = {
		trades: documentTradeStore(trades),
		clock: () => new Date(),
		cashierBase: `${gateway}${API_BASE}/sandbox/cashier`,
		impostorPrivateKey: createPrivateKey(IMPOSTOR.privateKey)
	};
	const { appId, sellerId, merchant, platform } = SANDBOX_ALIPAY;
	const wechat = SANDBOX_WECHAT;
	return {
		alipay: new AlipayEmulator({
			...common,
			baseUrl: () => `${gateway}${PREFIX.alipay}`,
			appId,
			sellerId,
			merchantPublicKey: createPublicKey(merchant.publicKey),
			alipayPrivateKey: createPrivateKey(platform.privateKey)
		}),
		wechat: new WechatEmulator({
			...common,
			baseUrl: () => `${gateway}${PREFIX.wechat}`,
			appId: wechat.appId,
			merchantId: wechat.merchantId,
			merchantSerial: wechat.merchantSerial,
			merchantPublicKey: createPublicKey(wechat.merchant.publicKey),
			platformSerial: wechat.platformSerial,
			platformPrivateKey: createPrivateKey(wechat.platform.privateKey),
			apiV3Key: wechat.apiV3Key
		})
	};
}

/** A request as the gateway passes it on; see `rawRequest`. */
type RawRequest = {
	readonly method: string;
	readonly path: string;
	readonly search: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
};

/** Passes a request to the emulated channel. Its notifications are posted once the reply is out, as at the real channels. */
export async function emulateChannel(
	context: SandboxContext,
	channel: ChannelName,
	{ method, path, search, headers, body }: RawRequest
): Promise<RawResponse> {
	const reply = await context.emulators()[channel].handle({
		method,
		path: path.slice(PREFIX[channel].length),
		query: search.slice(1),
		headers,
		rawBody: Buffer.from(body, "base64")
	});
	setImmediate(() => void Promise.all(reply.notifications.map(context.post)));
	const bytes = typeof reply.body === "string" ? Buffer.from(reply.body) : reply.body;
	return { status: reply.status, headers: reply.headers, body: bytes.toString("base64") };
}
