import { ulid } from "ulid";
import { collection, storeMixin } from "../../mixins/store.mixin";
import { isRefusal } from "../../schemas/errors/errors";
import { parseMobile } from "../../schemas/values/phone";
import { call, service } from "../../schemas/registry";
import { sandbox } from "../../schemas/sandbox.contract";
import { renderCashier, renderMissing, renderScript } from "./cashier-pages";
import { emulateChannel, emulatorsMixin } from "./channel-emulators";
import type { StoredTrade } from "./document-trade-store";
import { payAtCashier } from "./pay-at-cashier";
import { advanceShipment } from "./advance-shipment";
import { emulateKuaidi100 } from "./emulators/kuaidi100/kuaidi100-emulator";
import type { EmulatedParcel } from "./emulators/kuaidi100/parcel.domain";
import type { Sms } from "./sandbox.context";

/** Emulates what is outside the shop: phones, and payment channels that sign like the real ones. */
export default service(sandbox, {
	mixins: [
		storeMixin({
			messages: collection<Sms>("sandbox_sms", [{ keys: { phone: 1, _id: -1 } }]),
			trades: collection<StoredTrade>("sandbox_trades", [
				{ keys: { "refunds.refundNo": 1 }, sparse: true },
				{ keys: { paidAt: 1 } },
				{ keys: { "refunds.at": 1 }, sparse: true }
			]),
			shipments: collection<EmulatedParcel>("sandbox_parcels")
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
			handler(ctx) {
				return payAtCashier(this, ctx, ctx.params);
			}
		},
		cashier: {
			async handler(ctx) {
				try {
					const payment = await call(ctx, "payments.byNumber", { paymentNo: ctx.params.paymentNo });
					await this.emulators()[payment.channel].openCashier(payment.paymentNo);
					return renderCashier(payment, new URLSearchParams(ctx.params.search).get("redirect_url"));
				} catch (err) {
					if (isRefusal(err, "NOT_FOUND")) return renderMissing();
					throw err;
				}
			}
		},
		cashierScript: {
			async handler() {
				return renderScript();
			}
		},
		advanceShipment: {
			handler(ctx) {
				return advanceShipment(this, ctx, ctx.params);
			}
		},
		kuaidi100: {
			handler(ctx) {
				return emulateKuaidi100(this, ctx.params);
			}
		},
		alipayPage: {
			handler(ctx) {
				return emulateChannel(this, "alipay", ctx.params);
			}
		},
		alipay: {
			handler(ctx) {
				return emulateChannel(this, "alipay", ctx.params);
			}
		},
		alipayBill: {
			handler(ctx) {
				return emulateChannel(this, "alipay", ctx.params);
			}
		},
		wechatQuery: {
			handler(ctx) {
				return emulateChannel(this, "wechat", ctx.params);
			}
		},
		wechat: {
			handler(ctx) {
				return emulateChannel(this, "wechat", ctx.params);
			}
		}
	}
});
