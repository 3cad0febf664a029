import type * as BackendsModule from "../../../infrastructure/backends";
import { parseFact } from "../../../infrastructure/facts/journal";
import type * as SettingsModule from "../../../settings";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Service } from "moleculer";
import { startShop, type Shop } from "../shop";
import { until } from "../until";
import type { ChannelName } from "../../../schemas/payments.contract";
import type { PaymentChannel } from "../../../services/payments/channels/payment-channel";
import type { PaymentsContext } from "../../../services/payments/payments.context";
import type {
	ChannelEmulator,
	NotificationRequest
} from "../../../services/sandbox/emulators/channel-emulator";
import { StockedShop, type Data } from "./stocked-shop";
import {
	writersAt,
	type NotificationChanges,
	type Forgery,
	type NotificationWriter
} from "./notification-writers";

type Posted = Omit<NotificationRequest, "body"> & { readonly body: string | Uint8Array<ArrayBuffer> };

/** A till, and a look behind its payments: what tests of money going wrong need. */
export class PayingShop extends StockedShop<Shop> {
	static async open(price = 1000, env: Readonly<Record<string, string>> = {}): Promise<PayingShop> {
		const shop = await startShop(env);
		return new PayingShop(shop, await StockedShop.stocked(shop, price));
	}

	get context(): PaymentsContext {
		return this.service("payments") as unknown as PaymentsContext;
	}
	service = (name: string): Service => this.shop.broker.getLocalService(name);
	channel = (name: ChannelName): PaymentChannel => this.context.channels.of(name);
	emulator = (name: ChannelName): ChannelEmulator =>
		(
			this.service("sandbox") as unknown as { emulators(): Record<ChannelName, ChannelEmulator> }
		).emulators()[name];

	/** An order that is paid, and its payment. */
	async paidOrder(channel: ChannelName = "wechat"): Promise<{ order: Data; payment: Data }> {
		const order = await this.order();
		const payment = await this.shopper.createPayment(order.id, channel);
		await this.shopper.payAtChannel(payment.paymentNo);
		return { order: await this.orderIs(order.id, "paid"), payment };
	}

	/** What was told of a kind of fact, each time that it was; the facts of the last minutes are kept wherever they go. */
	facts = async (event: string): Promise<Record<string, unknown>[]> => {
		const { backends } = require("../../../infrastructure/backends") as typeof BackendsModule;
		const { settings } = require("../../../settings") as typeof SettingsModule;
		if (settings.nats) {
			const told = backends.collection<{ _id: string; event: string; text: string }>("facts_told");
			return (await told.find({ event })).map(({ text }) => parseFact(text).payload);
		}
		const db = new DatabaseSync(join(this.shop.dataDir, "zjmall.db"), { readOnly: true });
		const rows = db.prepare("SELECT payload FROM facts WHERE event = ?").all(event) as {
			payload: string;
		}[];
		db.close();
		return rows.map(({ payload }) => JSON.parse(payload) as Record<string, unknown>);
	};

	/** The channel's genuine notification of a payment that was paid. */
	async notification(channel: ChannelName, paymentNo: string): Promise<NotificationRequest> {
		const notice = await this.emulator(channel).paymentNotification(paymentNo);
		if (!notice) throw new Error(`${paymentNo} was not paid`);
		return notice;
	}
	post = async ({ url, headers, body }: Posted): Promise<number> =>
		(await fetch(url, { method: "POST", headers, body })).status;

	/** Notices as the channels write them, to this shop. */
	get notificationWriters(): Readonly<Record<ChannelName, NotificationWriter>> {
		return writersAt(this.shop.url);
	}
	/** Posts what is made of a genuine notice, and expects that it is turned away and leaves no trace. */
	async expectRejected(
		channel: ChannelName,
		forge: Forgery,
		changes: NotificationChanges = {}
	): Promise<void> {
		const { payment, untouched, anomalies } = await this.unpaidOrder(channel);

		const status = await this.post(forge(this.notificationWriters[channel](payment, changes)));

		expect(status).toBe(401);
		await untouched();
		expect(await anomalies()).toEqual([]);
		const odd: { paymentNo: string }[] = await this.unmatchedNotifications();
		expect(odd.filter(({ paymentNo }) => paymentNo === payment.paymentNo)).toEqual([]);
	}

	/** An order that waits for the money of a payment, and a look whether a notice moved anything. */
	async unpaidOrder(channel: ChannelName) {
		const order = await this.order();
		const payment = await this.shopper.createPayment(order.id, channel, "qr");
		const look = async () => {
			const { status, timeline } = await this.shopper.mustSend("GET", `/orders/${order.id}`);
			const [{ status: state, paidAmount, refunded, refunds }] = await this.payments(order.id);
			const moved = await this.stockChanges(order.id);
			return { status, timeline, moved, state, paidAmount, refunded, refunds };
		};
		await until("the units to be held", async () => (await this.stockChanges(order.id)).length === 1);
		const before = await look();
		const untouched = async () => expect(await look()).toEqual(before);
		const anomalies = async (): Promise<string[]> =>
			(await this.payments(order.id))[0].anomalies.map(({ what }: { what: string }) => what);
		return { order, payment, untouched, anomalies };
	}
}
