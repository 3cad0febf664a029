import type { ServiceBroker } from "moleculer";
import { gatewayUrl, SANDBOX_ALIPAY, SANDBOX_WECHAT } from "../../../mixins/platform";
import { Refusal } from "../../../schemas/errors";
import type { ChannelName } from "../../../schemas/payments.contract";
import { settings } from "../../../settings";
import { AlipayChannel } from "./alipay/alipay-channel";
import type { ChannelOptions, PaymentChannel } from "./payment-channel";
import { WechatChannel } from "./wechat/wechat-channel";

const CHANNELS: readonly ChannelName[] = ["alipay", "wechat"];
const API = "/api/v1";
const TIMEOUT_MS = 3_000;

function make(name: ChannelName, url: string): PaymentChannel | null {
	const common = (baseUrl: string, appId: string, merchantId: string): ChannelOptions => ({
		baseUrl,
		appId,
		merchantId,
		notifyUrl: `${url}${API}/payments/notify/${name}`,
		returnUrl: `${url}/`,
		clock: () => new Date(),
		timeoutMs: TIMEOUT_MS
	});
	if (settings.sandbox) {
		if (name === "alipay") {
			const { appId, sellerId, merchant, platform } = SANDBOX_ALIPAY;
			const keys = { merchantPrivateKey: merchant.privateKey, alipayPublicKeys: [platform.publicKey] };
			return new AlipayChannel({ ...common(`${url}${API}/sandbox/alipay`, appId, sellerId), ...keys });
		}
		const { appId, merchantId, merchantSerial, merchant, platformSerial, platform, apiV3Key } =
			SANDBOX_WECHAT;
		return new WechatChannel({
			...common(`${url}${API}/sandbox/wechat`, appId, merchantId),
			merchantSerial,
			merchantPrivateKey: merchant.privateKey,
			platformPublicKeys: { [platformSerial]: platform.publicKey },
			apiV3Key
		});
	}
	if (name === "alipay") {
		const { alipay } = settings;
		return (
			alipay &&
			new AlipayChannel({ ...common(alipay.baseUrl, alipay.appId, alipay.sellerId), ...alipay.keys })
		);
	}
	const { wechat } = settings;
	return (
		wechat &&
		new WechatChannel({ ...common(wechat.baseUrl, wechat.appId, wechat.merchantId), ...wechat.keys })
	);
}

/** The channels of this shop, made when first needed: where the gateway listens is known only then. */
export class Channels {
	private readonly made = new Map<ChannelName, PaymentChannel | null>();

	constructor(private readonly broker: ServiceBroker) {}

	/** Those at which the shop has an account. */
	get names(): ChannelName[] {
		return CHANNELS.filter(name => this.find(name) !== null);
	}

	/** Refuses with SERVICE_UNAVAILABLE where the shop has no account at the channel. */
	of(name: ChannelName): PaymentChannel {
		const channel = this.find(name);
		if (channel) return channel;
		throw new Refusal("SERVICE_UNAVAILABLE", `The shop has no ${name} account`, { channel: name });
	}

	private find(name: ChannelName): PaymentChannel | null {
		let channel = this.made.get(name);
		if (channel === undefined) this.made.set(name, (channel = make(name, gatewayUrl(this.broker))));
		return channel;
	}
}
