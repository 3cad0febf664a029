import { createPrivateKey, createPublicKey } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Service } from "moleculer";
import { ulid } from "ulid";
import { gatewayUrl, IMPOSTOR, SANDBOX_ALIPAY, SANDBOX_WECHAT } from "../../mixins/platform";
import { collection, storeMixin, type Store } from "../../mixins/store.mixin";
import { isRefusal } from "../../schemas/errors";
import type { RawResponse } from "../../schemas/http.contract";
import type { Mixin } from "../../schemas/kit/service";
import { parseMobile } from "../../schemas/phone";
import { call, service } from "../../schemas/registry";
import { sandbox } from "../../schemas/sandbox.contract";
import { documentTradeStore, type StoredTrade } from "./stored-trades";
import { cashierPage, cashierScript, missingPage } from "./cashier";
import { AlipayEmulator } from "./emulators/alipay.emulator";
import type { ChannelEmulator, EmulatorRequest, NotificationRequest } from "./emulators/channel-emulator";
import { WechatEmulator } from "./emulators/wechat.emulator";

type Sms = {
	readonly _id: string;
	readonly phone: string;
	readonly text: string;
	readonly code: string;
	readonly at: Date;
};
type Emulators = { readonly alipay: ChannelEmulator; readonly wechat: ChannelEmulator };
type Raw = {
	readonly method: string;
	readonly path: string;
	readonly search: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
};

/** Where the emulated channels stand at the gateway; they see paths without it, since WeChat signs the path. */
const PREFIX = { alipay: "/api/v1/sandbox/alipay", wechat: "/api/v1/sandbox/wechat" } as const;

const emulatorsMixin: Mixin<{
	emulators: () => Emulators;
	post: (notice: NotificationRequest) => Promise<Answered>;
}> = {
	created(this: Service & { trades?: Store<StoredTrade> }) {
		let made: Emulators | undefined;
		// Made when first needed: where the cashier is reached is known only once the gateway listens.
		const emulators = () => {
			if (!this.trades) throw new Error("The emulators need the store mixin beside them");
			return (made ??= makeEmulators(this.trades, gatewayUrl(this.broker)));
		};
		const post = (notice: NotificationRequest) =>
			send(notice).catch((err: unknown) => {
				this.logger.warn(
					{ err, url: notice.url },
					"A notification did not arrive; the shop has to ask"
				);
				return { status: 0, body: "" };
			});
		Object.assign(this, { emulators, post });
	}
};

type Answered = { readonly status: number; readonly body: string };
async function send({ url, headers, body }: NotificationRequest): Promise<Answered> {
	const response = await fetch(url, {
		method: "POST",
		headers,
		body,
		signal: AbortSignal.timeout(5000),
		redirect: "error"
	});
	return { status: response.status, body: await response.text() };
}

function makeEmulators(trades: Store<StoredTrade>, url: string): Emulators {
	const common = {
		trades: documentTradeStore(trades),
		clock: () => new Date(),
		cashierBase: `${url}/api/v1/sandbox/cashier`,
		impostorPrivateKey: createPrivateKey(IMPOSTOR.privateKey)
	};
	const { appId, sellerId, merchant, platform } = SANDBOX_ALIPAY;
	const wechat = SANDBOX_WECHAT;
	return {
		alipay: new AlipayEmulator({
			...common,
			baseUrl: () => `${url}${PREFIX.alipay}`,
			appId,
			sellerId,
			merchantPublicKey: createPublicKey(merchant.publicKey),
			alipayPrivateKey: createPrivateKey(platform.privateKey)
		}),
		wechat: new WechatEmulator({
			...common,
			baseUrl: () => `${url}${PREFIX.wechat}`,
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

/** Stands in for the world outside the shop: phones, and payment channels that sign like the real ones. */
export default service(sandbox, {
	mixins: [
		storeMixin({
			messages: collection<Sms>("sandbox_sms", [{ keys: { phone: 1, _id: -1 } }]),
			trades: collection<StoredTrade>("sandbox_trades", [
				{ keys: { "refunds.refundNo": 1 }, sparse: true },
				{ keys: { paidAt: 1 } },
				{ keys: { "refunds.at": 1 }, sparse: true }
			])
		}),
		emulatorsMixin
	],

	actions: {
		receiveSms: {
			async handler(ctx) {
				const { phone, text, code } = ctx.params;
				await this.messages.insert({ _id: ulid(), phone, text, code, at: new Date() });
				return null;
			}
		},
		sms: {
			async handler(ctx) {
				const found = await this.messages.find(
					{ phone: parseMobile(ctx.params.phone) ?? ctx.params.phone },
					{ sort: { _id: -1 }, limit: 50 }
				);
				return found.map(({ phone, text, code, at }) => ({
					phone,
					text,
					code,
					at: at.toISOString()
				}));
			}
		},
		pay: {
			async handler(ctx) {
				const { paymentNo, outcome, notify, delayMs = 0 } = ctx.params;
				const payment = await call(ctx, "payments.byNumber", { paymentNo });
				const emulator = this.emulators()[payment.channel];
				const paid = await emulator.pay(paymentNo, outcome, payment.action?.url);
				if (!("notification" in paid) || notify === "never")
					return { paymentNo, outcome: paid.outcome, notifications: [] };
				const forged =
					notify === "forged"
						? await emulator.paymentNotification(paymentNo, { forged: true })
						: undefined;
				const notices = Array.from(
					{ length: notify === "twice" ? 2 : 1 },
					() => forged ?? paid.notification
				);
				const sent = async () => {
					const answers = [];
					for (const notice of notices) answers.push(await this.post(notice));
					return answers;
				};
				if (delayMs === 0) return { paymentNo, outcome: paid.outcome, notifications: await sent() };
				void pause(delayMs, undefined, { ref: false }).then(sent);
				return { paymentNo, outcome: paid.outcome, notifications: [] };
			}
		},
		cashier: {
			async handler(ctx) {
				try {
					const payment = await call(ctx, "payments.byNumber", { paymentNo: ctx.params.paymentNo });
					await this.emulators()[payment.channel].openCashier(payment.paymentNo);
					return cashierPage(payment);
				} catch (err) {
					if (isRefusal(err, "NOT_FOUND")) return missingPage();
					throw err;
				}
			}
		},
		cashierScript: {
			async handler() {
				return cashierScript();
			}
		},
		alipayPage: {
			handler(ctx) {
				return emulate(this, "alipay", ctx.params);
			}
		},
		alipay: {
			handler(ctx) {
				return emulate(this, "alipay", ctx.params);
			}
		},
		alipayBill: {
			handler(ctx) {
				return emulate(this, "alipay", ctx.params);
			}
		},
		wechatQuery: {
			handler(ctx) {
				return emulate(this, "wechat", ctx.params);
			}
		},
		wechat: {
			handler(ctx) {
				return emulate(this, "wechat", ctx.params);
			}
		}
	}
});

type Host = { emulators: () => Emulators; post: (notice: NotificationRequest) => Promise<Answered> };

async function emulate(host: Host, channel: keyof Emulators, raw: Raw): Promise<RawResponse> {
	const { method, search, headers, body } = raw;
	const path = raw.path.slice(PREFIX[channel].length);
	const request: EmulatorRequest = {
		method,
		path,
		query: search.slice(1),
		headers,
		rawBody: Buffer.from(body, "base64")
	};
	const answer = await host.emulators()[channel].handle(request);
	// What the channel then tells by itself; once the reply is out, as the real ones do.
	setImmediate(() => void Promise.all(answer.notifications.map(notice => host.post(notice))));
	return {
		status: answer.status,
		headers: answer.headers,
		body: bytesOf(answer.body).toString("base64")
	};
}

const bytesOf = (body: string | Buffer) => (typeof body === "string" ? Buffer.from(body) : body);
