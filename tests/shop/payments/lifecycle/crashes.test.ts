import { unique } from "../../../support/builders";
import type * as BeginModule from "../../../../services/payments/create-payment";
import { refundRemainder } from "../../../../services/payments/refunds/refund-once";
import { refundPayment, continueRefund } from "../../../../services/payments/refunds/refund-payment";
import { markPaid } from "../../../../services/payments/mark-payment";
import type { PaymentsContext } from "../../../../services/payments/payments.context";
import { pollChannel } from "../../../../services/payments/poll-channel";
import { voidPayment } from "../../../../services/payments/void-payment";
import type { Channels } from "../../../../services/payments/channels/channels";
import type { PaymentChannel } from "../../../../services/payments/channels/payment-channel";
import { until } from "../../../support/until";
import { PayingShop } from "../../../support/payments/paying-shop";

let payingShop: PayingShop;
beforeAll(async () => {
	payingShop = await PayingShop.start();
	await payingShop.staff.mustSend("PUT", "/admin/config/payments.sweepEvery", { value: 300 });
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => payingShop.shop.stop());

const STEPS = 14;
const LATER = new Date(Date.now() + 3_600_000);
class Crash extends Error {}

/** The context of a process that crashes at its nth write or channel request, before or after carrying it out. */
function crashAt(n: number, lastIsDone: boolean): PaymentsContext {
	let left = n;
	const crashing = <S extends object>(part: S): S =>
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
	const { payments, refunds, notifications, channels, ...rest } = payingShop.context;
	const known = new Map<string, PaymentChannel>();
	const of: Channels["of"] = name => {
		const channel = known.get(name) ?? crashing(channels.of(name));
		known.set(name, channel);
		return channel;
	};
	return {
		...rest,
		payments: crashing(payments),
		refunds: crashing(refunds),
		notifications: crashing(notifications),
		channels: Object.assign(Object.create(channels) as Channels, { of })
	};
}

const crashes = Array.from({ length: STEPS }, (_, n) =>
	[true, false].map(done => [n + 1, done] as const)
).flat();
const ignoreCrash = (work: Promise<unknown>) =>
	work.catch((err: unknown) => {
		if (!(err instanceof Crash)) throw err;
	});
const sweep = async (paymentId: string) => {
	for (const left of await payingShop.context.refunds.find({ paymentId, nextPollAt: { $lte: LATER } }))
		await continueRefund(payingShop.context, left, LATER);
};
const factsOf = async (event: string, refundIds: readonly string[]) => {
	const { listFacts: facts } = payingShop;
	return (await facts(event)).filter(payload => refundIds.includes(String(payload["refundId"])));
};

it("refunds everything once, wherever the process crashed", async () => {
	for (const [n, done] of crashes) {
		const { order, payment } = await payingShop.createPaidOrder();
		const context = crashAt(n, done);

		await ignoreCrash(refundRemainder(context, payment.id, "UNCLAIMED", "late"));
		await sweep(payment.id);
		await refundRemainder(payingShop.context, payment.id, "UNCLAIMED", "late"); // the fact is delivered again
		await sweep(payment.id);

		// The channel may still pay the refund out, and notify the shop.
		const seen = await until(`the money to be back, ${n} ${done}`, async () => {
			const [payment] = await payingShop.listPayments(order.id);
			return payment.refunds[0]?.status === "succeeded" && payment;
		});
		expect(seen).toMatchObject({ status: "refunded", refunded: 1000 });
		expect(seen.refunds).toMatchObject([{ status: "succeeded", amount: 1000 }]);
		expect(await factsOf("payment.refunded", [seen.refunds[0].refundNo])).toHaveLength(1);
		await payingShop.waitForOrder(order.id, "refunded");
	}
});

it("releases the amount of a refused refund, with one fact, wherever the process crashed", async () => {
	const no = { outcome: "refused", code: "NOT_ENOUGH", message: "empty" } as const;
	for (const [n, done] of crashes) {
		const { order, payment } = await payingShop.createPaidOrder();
		jest.spyOn(payingShop.getChannel("wechat"), "refund").mockResolvedValue(no);
		const context = crashAt(n, done);
		const document = await payingShop.context.payments.get(payment.id);
		const wanted = { refundNo: unique("R_"), amount: 600, reason: "broken" };

		await ignoreCrash(refundPayment(context, document, wanted));
		await sweep(payment.id);
		await refundPayment(payingShop.context, document, wanted);

		const { refundReserved, refundIds } = await payingShop.context.payments.get(payment.id);
		expect({ n, done, refundReserved, refundIds }).toEqual({ n, done, refundReserved: 0, refundIds: [] });
		expect((await payingShop.listPayments(order.id))[0].refunds).toMatchObject([{ status: "failed" }]);
		expect(await factsOf("payment.refund_failed", [wanted.refundNo])).toHaveLength(1);
	}
});

it("marks a payment paid or closed in the end, wherever the process crashed", async () => {
	for (const [n, done] of crashes.slice(0, 10)) {
		const order = await payingShop.placeOrder();
		const payment = await payingShop.shopper.createPayment(order.id, "wechat");
		const document = await payingShop.context.payments.get(payment.id);
		const paidAt = new Date();
		const paid = { amount: 1000, currency: "CNY", channelTxnId: payment.paymentNo, paidAt };
		const context = crashAt(n, done);

		if (n % 2) {
			await payingShop.shopper.payAtChannel(payment.paymentNo, "never");
			await ignoreCrash(pollChannel(context, document));
			await pollChannel(payingShop.context, await payingShop.context.payments.get(payment.id));
			await markPaid(payingShop.context, document, paid); // and the late notification
			await payingShop.waitForOrder(order.id, "paid");
		} else {
			await ignoreCrash(voidPayment(context, document, "replaced"));
			await voidPayment(payingShop.context, document, "replaced");
			expect((await payingShop.listPayments(order.id))[0].status).toBe("closed");
		}
	}
});

it("continues the same payment under the same key, wherever the process crashed", async () => {
	// Required here, not above: the module reads the settings, which are this shop's only since its start.
	const { createPayment: begin } =
		require("../../../../services/payments/create-payment") as typeof BeginModule;
	const { id } = await payingShop.shopper.mustSend("GET", "/me");
	const payments = payingShop.getService("payments");
	for (const [n, done] of crashes.slice(0, 12)) {
		const order = await payingShop.placeOrder();
		const wanted = {
			key: unique("payment-"),
			orderId: order.id,
			channel: "wechat",
			scene: "qr"
		} as const;
		const user = { id, roles: [], sessionId: "s" };
		const ctx = Object.assign(Object.create(payments.broker), { meta: { user } });

		await ignoreCrash(begin(crashAt(n, done), ctx, wanted));
		await payingShop.shop.broker.call("payments.create", wanted, { meta: { user } });

		expect(await payingShop.listPayments(order.id)).toMatchObject([
			{ status: "pending", action: { type: "qr" } }
		]);
	}
});
