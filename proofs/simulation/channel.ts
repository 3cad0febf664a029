import type { RefundRequest, RefundResult } from "../../services/payments/channels/payment-channel";

/** A payment channel in memory. Its answers wait for the scheduler, so they may be lost with the process that asked. */
export class Channel {
	readonly minRefundIntervalMs = 0;
	private readonly paid = new Map<string, number>();
	private readonly refunds = new Map<string, RefundRequest>();

	/** `losesAnswer` decides whether the answer to an executed refund is lost. */
	constructor(
		private readonly waitForTurn: () => Promise<void>,
		private readonly losesAnswer: () => boolean
	) {}

	/** Only the first payment under a number counts. */
	receivePayment(paymentNo: string, amount: number): void {
		if (!this.paid.has(paymentNo)) this.paid.set(paymentNo, amount);
	}

	receivedAmount = (paymentNo: string): number => this.paid.get(paymentNo) ?? 0;

	refundedAmount = (paymentNo: string): number =>
		[...this.refunds.values()].reduce((sum, r) => sum + (r.paymentNo === paymentNo ? r.amount : 0), 0);

	async refund(request: RefundRequest): Promise<RefundResult> {
		await this.waitForTurn();
		if (!this.refunds.has(request.refundNo)) {
			if (
				this.refundedAmount(request.paymentNo) + request.amount >
				this.receivedAmount(request.paymentNo)
			)
				return { outcome: "refused", code: "NOT_ENOUGH", message: "More than was paid" };
			this.refunds.set(request.refundNo, request);
		}
		await this.waitForTurn(); // done, and the answer is on its way
		if (this.losesAnswer()) throw new Error("The answer was lost");
		return { outcome: "refunded", amount: request.amount };
	}

	async queryRefund({ refundNo }: { refundNo: string }): Promise<RefundResult> {
		await this.waitForTurn();
		const known = this.refunds.get(refundNo);
		return known ? { outcome: "refunded", amount: known.amount } : { outcome: "not_found" };
	}
}
