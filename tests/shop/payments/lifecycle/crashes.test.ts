import { unique } from "../../../support/builders";
import type * as BeginModule from "../../../../services/payments/create-payment";
import { refundRemainder } from "../../../../services/payments/refunds/refund-once";
import { refundPayment, continueRefund } from "../../../../services/payments/refunds/refund-payment";
import { markPaid } from "../../../../services/payments/mark-paid";
import type { PaymentsContext } from "../../../../services/payments/payments.context";
import { pollChannel, voidPayment } from "../../../../services/payments/poll-channel";
import type { Channels } from "../../../../services/payments/channels/channels";
import type { PaymentChannel } from "../../../../services/payments/channels/payment-channel";
import { until } from "../../../support/until";
import { PayingShop } from "../../../support/payments/paying-shop";

let counter: PayingShop;
beforeAll(async () => {
	counter = await PayingShop.open();
	await counter.staff.mustSend("PUT", "/admin/config/payments.sweepEvery", { value: 300 });
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => counter.shop.stop());

const STEPS = 14;
const LATER = new Date(Date.now() + 3_600_000);
class Crash extends Error {}

/** The desk of a process that dies at its nth write or question, before or after it was done. */
function dyingAt(n: number, lastIsDone: boolean): PaymentsContext {
	let left = n;
	const mortal = <S extends object>(part: S): S =>
		new Proxy(part, {
			get(target, name) {
				const member: unknown = Reflect.get(target, name);
				if (typeof member !== "function") return member;
				return async (...args: unknown[]): Promise<unknown> => {
					if (left <= 0) throw new Crash();
					left--;
					if (left > 0) return Reflect.apply(member, target, args);
					if (lastIsDone) await Reflect.apply(member, target, args);
					throw new Crash();
				};
			}
		});
	const { payments, refunds, notifications, reconciliations, channels, counters, config, logger } =
		counter.context;
	const known = new Map<string, PaymentChannel>();
	const of: Channels["of"] = name => {
		const channel = known.get(name) ?? mortal(channels.of(name));
		known.set(name, channel);
		return channel;
	};
	return {
		payments: mortal(payments),
		refunds: mortal(refunds),
		notifications: mortal(notifications),
		reconciliations,
		channels: Object.assign(Object.create(channels) as Channels, { of }),
		counters,
		config,
		logger
	};
}

const deaths = Array.from({ length: STEPS }, (_, n) =>
	[true, false].map(done => [n + 1, done] as const)
).flat();
const survive = (work: Promise<unknown>) =>
	work.catch((err: unknown) => {
		if (!(err instanceof Crash)) throw err;
	});
const sweep = async (paymentId: string) => {
	for (const left of await counter.context.refunds.find({ paymentId, askAt: { $lte: LATER } }))
		await continueRefund(counter.context, left, LATER);
};
const toldOf = async (event: string, refundIds: readonly string[]) => {
	const { facts } = counter;
	return (await facts(event)).filter(payload => refundIds.includes(String(payload["refundId"])));
};

it("sends all the money back once, wherever the process died", async () => {
	for (const [n, done] of deaths) {
		const { order, payment } = await counter.paidOrder();
		const desk = dyingAt(n, done);

		await survive(refundRemainder(desk, payment.id, "UNCLAIMED", "late"));
		await sweep(payment.id);
		await refundRemainder(counter.context, payment.id, "UNCLAIMED", "late"); // the fact comes again
		await sweep(payment.id);

		// The channel may be paying it out still, and tell by a notice.
		const seen = await until(`the money to be back, ${n} ${done}`, async () => {
			const [payment] = await counter.payments(order.id);
			return payment.refunds[0]?.status === "succeeded" && payment;
		});
		expect(seen).toMatchObject({ status: "refunded", refunded: 1000 });
		expect(seen.refunds).toMatchObject([{ status: "succeeded", amount: 1000 }]);
		expect(await toldOf("payment.refunded", [seen.refunds[0].refundNo])).toHaveLength(1);
		await counter.orderIs(order.id, "refunded");
	}
}, 60_000);

it("frees what a refused refund had counted, and tells of it once, wherever the process died", async () => {
	const no = { outcome: "refused", code: "NOT_ENOUGH", message: "empty" } as const;
	for (const [n, done] of deaths) {
		const { order, payment } = await counter.paidOrder();
		jest.spyOn(counter.channel("wechat"), "refund").mockResolvedValue(no);
		const desk = dyingAt(n, done);
		const document = await counter.context.payments.get(payment.id);
		const wanted = { refundNo: unique("R_"), amount: 600, reason: "broken" };

		await survive(refundPayment(desk, document, wanted));
		await sweep(payment.id);
		await refundPayment(counter.context, document, wanted);

		const { refundReserved, refundIds } = await counter.context.payments.get(payment.id);
		expect({ n, done, refundReserved, refundIds }).toEqual({ n, done, refundReserved: 0, refundIds: [] });
		expect((await counter.payments(order.id))[0].refunds).toMatchObject([{ status: "failed" }]);
		expect(await toldOf("payment.refund_failed", [wanted.refundNo])).toHaveLength(1);
	}
}, 60_000);

it("settles or closes a payment in the end, wherever the process died", async () => {
	for (const [n, done] of deaths.slice(0, 10)) {
		const order = await counter.order();
		const payment = await counter.shopper.createPayment(order.id, "wechat");
		const document = await counter.context.payments.get(payment.id);
		const paidAt = new Date();
		const paid = { amount: 1000, currency: "CNY", channelTxnId: payment.paymentNo, paidAt };
		const desk = dyingAt(n, done);

		if (n % 2) {
			await counter.shopper.payAtChannel(payment.paymentNo, "never");
			await survive(pollChannel(desk, document));
			await pollChannel(counter.context, await counter.context.payments.get(payment.id));
			await markPaid(counter.context, document, paid); // and the late notification
			await counter.orderIs(order.id, "paid");
		} else {
			await survive(voidPayment(desk, document, "replaced"));
			await voidPayment(counter.context, document, "replaced");
			expect((await counter.payments(order.id))[0].status).toBe("closed");
		}
	}
}, 60_000);

it("goes on with the same payment under the same key, wherever the process died", async () => {
	// Only now: it reads the settings, which are those of this shop since it was started.
	const { createPayment: begin } =
		require("../../../../services/payments/create-payment") as typeof BeginModule;
	const { id } = await counter.shopper.mustSend("GET", "/me");
	const payments = counter.service("payments");
	for (const [n, done] of deaths.slice(0, 12)) {
		const order = await counter.order();
		const wanted = {
			key: unique("payment-"),
			orderId: order.id,
			channel: "wechat",
			scene: "qr"
		} as const;
		const user = { id, roles: [], sessionId: "s" };
		const ctx = Object.assign(Object.create(payments.broker), { meta: { user } });

		await survive(begin(dyingAt(n, done), ctx, wanted));
		await counter.shop.broker.call("payments.create", wanted, { meta: { user } });

		expect(await counter.payments(order.id)).toMatchObject([
			{ status: "pending", action: { type: "qr" } }
		]);
	}
}, 60_000);
