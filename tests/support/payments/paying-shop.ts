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
	createWriters,
	type NotificationChanges,
	type Forgery,
	type NotificationWriter
} from "./notification-writers";

type Postable = Omit<NotificationRequest, "body"> & { readonly body: string | Uint8Array<ArrayBuffer> };

/** A stocked shop in this process, with access to its services and emulated channels. */
export class PayingShop extends StockedShop<Shop> {
	static async start(price = 1000, env: Readonly<Record<string, string>> = {}): Promise<PayingShop> {
		const shop = await startShop(env);
		return new PayingShop(shop, await StockedShop.stock(shop, price));
	}

	get context(): PaymentsContext {
		return this.getService("payments") as unknown as PaymentsContext;
	}
	getService = (name: string): Service => this.shop.broker.getLocalService(name);
	getChannel = (name: ChannelName): PaymentChannel => this.context.channels.of(name);
	getEmulator = (name: ChannelName): ChannelEmulator =>
		(
			this.getService("sandbox") as unknown as { emulators(): Record<ChannelName, ChannelEmulator> }
		).emulators()[name];

	/** Moves the planned poll of the order's refunds to now. */
	pollRefundsNow = (orderId: string): Promise<unknown> =>
		this.context.refunds.changeMany(
			{ orderId, nextPollAt: { $exists: true } },
			{ $set: { nextPollAt: new Date(1) } }
		);

	async createPaidOrder(channel: ChannelName = "wechat"): Promise<{ order: Data; payment: Data }> {
		const order = await this.placeOrder();
		const payment = await this.shopper.createPayment(order.id, channel);
		await this.shopper.payAtChannel(payment.paymentNo);
		return { order: await this.waitForOrder(order.id, "paid"), payment };
	}

	/** The payloads of the event's facts of the last minutes, repetitions included, from the transport's journal. */
	listFacts = async (event: string): Promise<Record<string, unknown>[]> => {
		const { backends } = require("../../../infrastructure/backends") as typeof BackendsModule;
		const { settings } = require("../../../settings") as typeof SettingsModule;
		if (settings.nats) {
			const journal = backends.collection<{ _id: string; event: string; text: string }>("fact_journal");
			return (await journal.find({ event })).map(({ text }) => parseFact(text).payload);
		}
		const db = new DatabaseSync(join(this.shop.dataDir, "zjmall.db"), { readOnly: true });
		const rows = db.prepare("SELECT payload FROM facts WHERE event = ?").all(event) as {
			payload: string;
		}[];
		db.close();
		return rows.map(({ payload }) => JSON.parse(payload) as Record<string, unknown>);
	};

	/** The channel's genuine notification of a paid payment. */
	async getNotification(channel: ChannelName, paymentNo: string): Promise<NotificationRequest> {
		const notification = await this.getEmulator(channel).paymentNotification(paymentNo);
		if (!notification) throw new Error(`${paymentNo} was not paid`);
		return notification;
	}
	/** Answers the status. */
	postNotification = async ({ url, headers, body }: Postable): Promise<number> =>
		(await fetch(url, { method: "POST", headers, body })).status;

	/** Write notifications as the channels do, addressed to this shop. */
	get notificationWriters(): Readonly<Record<ChannelName, NotificationWriter>> {
		return createWriters(this.shop.url);
	}

	/** Posts a forged notification, and expects that the shop rejects it and that it changes nothing. */
	async expectRejected(
		channel: ChannelName,
		forge: Forgery,
		changes: NotificationChanges = {}
	): Promise<void> {
		const { payment, expectUnchanged, listAnomalies } = await this.createUnpaidPayment(channel);

		const status = await this.postNotification(
			forge(this.notificationWriters[channel](payment, changes))
		);

		expect(status).toBe(401);
		await expectUnchanged();
		expect(await listAnomalies()).toEqual([]);
		const unmatched: { paymentNo: string }[] = await this.listUnmatchedNotifications();
		expect(unmatched.filter(({ paymentNo }) => paymentNo === payment.paymentNo)).toEqual([]);
	}

	/** An order with a pending payment, and a check that nothing of either has changed since. */
	async createUnpaidPayment(channel: ChannelName) {
		const order = await this.placeOrder();
		const payment = await this.shopper.createPayment(order.id, channel, "qr");
		const read = async () => {
			const { status, timeline } = await this.shopper.mustSend("GET", `/orders/${order.id}`);
			const [{ status: paymentStatus, paidAmount, refunded, refunds }] = await this.listPayments(
				order.id
			);
			const stockChanges = await this.listStockChanges(order.id);
			return { status, timeline, stockChanges, paymentStatus, paidAmount, refunded, refunds };
		};
		await until(
			"the units to be reserved",
			async () => (await this.listStockChanges(order.id)).length === 1
		);
		const before = await read();
		const expectUnchanged = async () => expect(await read()).toEqual(before);
		const listAnomalies = async (): Promise<string[]> =>
			(await this.listPayments(order.id))[0].anomalies.map(({ reason }: { reason: string }) => reason);
		return { order, payment, expectUnchanged, listAnomalies };
	}
}
