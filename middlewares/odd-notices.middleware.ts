import type { Middleware, ServiceBroker } from "moleculer";
import { ODDITIES, type ChannelName, type NotificationAnswer } from "../schemas/payments.contract";
import type { Actions } from "../schemas/registry";
import { localGateway } from "../infrastructure/gateway-url";
import { registerCounter } from "../infrastructure/prometheus";

const CHANNELS: Readonly<Partial<Record<keyof Actions, ChannelName>>> = {
	"payments.notifyAlipay": "alipay",
	"payments.notifyWechat": "wechat"
};

type Call = (name: string, ...rest: unknown[]) => Promise<unknown>;

/**
 * Odd notifications as a metric, where there are metrics to be asked for: in processes with a gateway. Every notification
 * passes one, and hears there what `payments` made of it, in whatever process that is.
 */
export function oddNoticesMiddleware(): Middleware {
	let count: ReturnType<typeof registerCounter> | undefined;
	const call =
		(next: Call): Call =>
		(name, ...rest) => {
			const answered = next(name, ...rest);
			const channel = CHANNELS[name as keyof Actions];
			if (channel)
				void answered.then(
					answer => {
						const { odd } = answer as NotificationAnswer;
						if (odd) count?.(1, { channel, reason: odd });
					},
					() => undefined // the caller hears of it
				);
			return answered;
		};
	return {
		name: "OddNotices",
		// Not around the action: on a bus that is passed twice, by who asks and by who answers.
		call: call as never, // Moleculer's type takes the hook for a call
		async started(broker: ServiceBroker) {
			if (!localGateway(broker)) return;
			count = registerCounter(
				broker,
				"mall_payment_notices_odd_total",
				"Notifications to the payment channels' addresses that are no plain news, repetitions as well",
				["channel", "reason"]
			);
			// Known from the start, so that the first one is a rise.
			for (const channel of Object.values(CHANNELS))
				for (const reason of ODDITIES) count(0, { channel, reason });
		}
	};
}
