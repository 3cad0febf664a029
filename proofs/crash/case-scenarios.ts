import type { AfterSaleType, AfterSaleView } from "../../schemas/after-sales.contract";
import { unique } from "../../tests/support/builders";
import { until } from "../../tests/support/until";
import type { OrderAttempt } from "../prove/history";
import { buy, ignoreRefusal, waitForStatus, type Participants, type Scenario } from "./scenario";

/**
 * Sends units of the order in one parcel and has the tracking service report its delivery. A crash may leave the tracking
 * number claimed for a while; staff try it again until the order counts the units as sent.
 */
async function sendAndDeliver(
	{ staff }: Participants,
	{ id, skuId }: OrderAttempt,
	quantity: number,
	sentBefore = 0
): Promise<void> {
	const trackingNo = unique("SF");
	const parcel = { carrier: "SF", trackingNo, items: [{ skuId, quantity }] };
	await until("the units to be sent", async () => {
		await ignoreRefusal(staff.mustSend("POST", `/admin/orders/${id}/ship`, parcel));
		const { items } = await staff.mustSend("GET", `/admin/orders/${id}`);
		return items[0].shippedQuantity === sentBefore + quantity;
	});
	await deliver(staff, trackingNo);
}

async function deliver(staff: Participants["staff"], trackingNo: string): Promise<void> {
	await staff.mustSend("POST", `/sandbox/shipments/${trackingNo}/advance`, { status: "delivered" });
}

/** An order that was sent in two parcels, delivered and received. */
async function buyAndReceive(participants: Participants, attempt: OrderAttempt): Promise<void> {
	await buy(participants, attempt);
	await sendAndDeliver(participants, attempt, 1);
	await sendAndDeliver(participants, attempt, 1, 1);
	await ignoreRefusal(participants.buyer.mustSend("POST", `/orders/${attempt.id}/confirm`));
}

/** A case of the order, with the steps by which buyer and staff move it on. */
class Case {
	private constructor(
		private readonly participants: Participants,
		private readonly id: string
	) {}

	static async open(
		participants: Participants,
		attempt: OrderAttempt,
		type: AfterSaleType,
		quantity: number
	): Promise<Case> {
		const reason = unique("crash ");
		const items = [{ skuId: attempt.skuId, quantity }];
		const request = { orderId: attempt.id, type, items, reason };
		const { id } = await participants.buyer.mustSend("POST", "/after-sales", request, unique("crash-"));
		if (type !== "exchange") attempt.refunds.push({ reason, outcome: "ok" });
		return new Case(participants, id);
	}

	asStaff = (step: string, body: object = {}) =>
		ignoreRefusal(
			this.participants.staff.mustSend("POST", `/admin/after-sales/${this.id}/${step}`, body)
		);

	asBuyer = (step: string, body: object = {}) =>
		ignoreRefusal(this.participants.buyer.mustSend("POST", `/after-sales/${this.id}/${step}`, body));

	waitFor = (status: AfterSaleView["status"]): Promise<boolean> =>
		until(`the case to be ${status}`, async () => {
			const path = `/admin/after-sales/${this.id}`;
			return (await this.participants.staff.mustSend("GET", path)).status === status;
		});

	/** The buyer sends the goods back, and staff put them into stock again. */
	async receive(skuId: string): Promise<void> {
		await this.asStaff("approve");
		await this.waitFor("approved");
		await this.asBuyer("shipment", { carrier: "SF", trackingNo: unique("SF") });
		await this.asStaff("received", { restock: [{ skuId, quantity: 1 }] });
	}

	async sendNewGoods(): Promise<void> {
		const trackingNo = unique("SF");
		await this.asStaff("ship", { carrier: "SF", trackingNo });
		await this.waitFor("reshipped");
		await deliver(this.participants.staff, trackingNo);
	}
}

/** Lives of an order that is sent in parcels and given back by cases. */
export const CASE_SCENARIOS: readonly Scenario[] = [
	{
		name: "sent in two parcels, received, one unit returned",
		finalStatus: "completed",
		sold: 1,
		finalCase: "refunded",
		paymentTimeout: 90,
		async run(participants, attempt) {
			await buyAndReceive(participants, attempt);
			const opened = await Case.open(participants, attempt, "return", 1);
			await opened.receive(attempt.skuId);
		}
	},
	{
		name: "one unit exchanged",
		finalStatus: "completed",
		sold: 2,
		finalCase: "completed",
		paymentTimeout: 90,
		async run(participants, attempt) {
			await buyAndReceive(participants, attempt);
			const opened = await Case.open(participants, attempt, "exchange", 1);
			await opened.receive(attempt.skuId);
			await opened.waitFor("returned");
			await opened.sendNewGoods();
		}
	},
	{
		name: "one unit refunded by a case before it was sent",
		finalStatus: "paid",
		sold: 1,
		finalCase: "refunded",
		paymentTimeout: 90,
		async run(participants, attempt) {
			await buy(participants, attempt);
			const opened = await Case.open(participants, attempt, "refund", 1);
			await opened.asStaff("approve");
		}
	},
	{
		name: "refunded whole by a case",
		finalStatus: "refunded",
		finalCase: "refunded",
		paymentTimeout: 90,
		async run(participants, attempt) {
			await buy(participants, attempt);
			const opened = await Case.open(participants, attempt, "refund", 2);
			await opened.asStaff("approve");
			await waitForStatus("refunded", participants, attempt);
		}
	},
	{
		name: "case withdrawn",
		finalStatus: "paid",
		finalCase: "cancelled",
		paymentTimeout: 90,
		async run(participants, attempt) {
			await buy(participants, attempt);
			const { asBuyer } = await Case.open(participants, attempt, "refund", 1);
			attempt.refunds.length = 0; // none is to be made
			await asBuyer("cancel");
		}
	},
	{
		name: "case rejected",
		finalStatus: "paid",
		finalCase: "rejected",
		paymentTimeout: 90,
		async run(participants, attempt) {
			await buy(participants, attempt);
			const { asStaff } = await Case.open(participants, attempt, "refund", 1);
			attempt.refunds.length = 0; // none is to be made
			await asStaff("reject", { reason: "crash" });
		}
	}
];
