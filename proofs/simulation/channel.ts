import type { RefundRequest, RefundResult } from "../../services/payments/channels/payment-channel";

/** A payment channel's books. Its answers wait their turn, and so may be lost with the process that asked. */
export class Channel {
	readonly minRefundIntervalMs = 0;
	private readonly paid = new Map<string, number>();
	private readonly refunds = new Map<string, RefundRequest>();

	/** `lost` picks whether the answer to a refund that was made never arrives. */
	constructor(
		private readonly turn: () => Promise<void>,
		private readonly lost: () => boolean
	) {}

	/** Once a payment, whatever is said later. */
	take(paymentNo: string, amount: number): void {
		if (!this.paid.has(paymentNo)) this.paid.set(paymentNo, amount);
	}

	taken = (paymentNo: string): number => this.paid.get(paymentNo) ?? 0;

	sentBack = (paymentNo: string): number =>
		[...this.refunds.values()].reduce((sum, r) => sum + (r.paymentNo === paymentNo ? r.amount : 0), 0);

	async refund(order: RefundRequest): Promise<RefundResult> {
		await this.turn();
		if (!this.refunds.has(order.refundNo)) {
			if (this.sentBack(order.paymentNo) + order.amount > this.taken(order.paymentNo))
				return { outcome: "refused", code: "NOT_ENOUGH", message: "More than was paid" };
			this.refunds.set(order.refundNo, order);
		}
		await this.turn(); // done, and the answer is on its way
		if (this.lost()) throw new Error("The answer was lost");
		return { outcome: "refunded", amount: order.amount };
	}

	async queryRefund({ refundNo }: { refundNo: string }): Promise<RefundResult> {
		await this.turn();
		const known = this.refunds.get(refundNo);
		return known ? { outcome: "refunded", amount: known.amount } : { outcome: "not_found" };
	}
}
