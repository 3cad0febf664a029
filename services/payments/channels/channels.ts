import type { ServiceBroker } from "moleculer";
import { getGatewayUrl, SANDBOX_ALIPAY, SANDBOX_WECHAT } from "../../../mixins/platform";
import { Refusal } from "../../../schemas/errors/errors";
import { API_BASE } from "../../../schemas/kit/contract";
import type { ChannelName } from "../../../schemas/payments.contract";
import { settings } from "../../../settings";
import { AlipayChannel } from "./alipay/alipay-channel";
import type { PaymentChannel } from "./payment-channel";
import { WechatChannel } from "./wechat/wechat-channel";

const CHANNELS: readonly ChannelName[] = ["alipay", "wechat"];
const TIMEOUT_MS = 3_000;

/** Null where the settings name no account at the channel. */
function createChannel(name: ChannelName, gateway: string): PaymentChannel | null {
	const common = {
		notifyUrl: `${gateway}${API_BASE}/payments/notify/${name}`,
		returnUrl: `${gateway}/`,
		clock: () => new Date(),
		timeoutMs: TIMEOUT_MS
	};
	if (name === "alipay") {
		const account = settings.sandbox ? sandboxAlipay(gateway) : settings.alipay;
		if (!account) return null;
		const { baseUrl, appId, sellerId, keys } = account;
		return new AlipayChannel({ ...common, baseUrl, appId, merchantId: sellerId, ...keys });
	}
	const account = settings.sandbox ? sandboxWechat(gateway) : settings.wechat;
	if (!account) return null;
	const { baseUrl, appId, merchantId, keys } = account;
	return new WechatChannel({ ...common, baseUrl, appId, merchantId, ...keys });
}

function sandboxAlipay(gateway: string) {
	const { appId, sellerId, merchant, platform } = SANDBOX_ALIPAY;
	return {
		baseUrl: `${gateway}${API_BASE}/sandbox/alipay`,
		appId,
		sellerId,
		keys: { merchantPrivateKey: merchant.privateKey, alipayPublicKeys: [platform.publicKey] }
	};
}

function sandboxWechat(gateway: string) {
	const { appId, merchantId, merchantSerial, merchant, platformSerial, platform, apiV3Key } =
		SANDBOX_WECHAT;
	return {
		baseUrl: `${gateway}${API_BASE}/sandbox/wechat`,
		appId,
		merchantId,
		keys: {
			merchantSerial,
			merchantPrivateKey: merchant.privateKey,
			platformPublicKeys: { [platformSerial]: platform.publicKey },
			apiV3Key
		}
	};
}

/** The channels of this shop, created on first use, because the gateway's address is not known earlier. */
export class Channels {
	private readonly created = new Map<ChannelName, PaymentChannel | null>();

	constructor(private readonly broker: ServiceBroker) {}

	/** Origins to whose pages the channels may send shoppers back. */
	get returnOrigins(): readonly string[] {
		return [new URL(getGatewayUrl(this.broker)).origin, ...settings.corsOrigins];
	}

	/** The channels at which the shop has an account. */
	get names(): ChannelName[] {
		return CHANNELS.filter(name => this.find(name) !== null);
	}

	/** Refuses with NOT_CONFIGURED where the shop has no account at the channel. */
	of(name: ChannelName): PaymentChannel {
		const channel = this.find(name);
		if (channel) return channel;
		throw new Refusal("NOT_CONFIGURED", `The shop has no ${name} account`, { missing: name });
	}

	private find(name: ChannelName): PaymentChannel | null {
		const known = this.created.get(name);
		if (known !== undefined) return known;
		const channel = createChannel(name, getGatewayUrl(this.broker));
		this.created.set(name, channel);
		return channel;
	}
}
