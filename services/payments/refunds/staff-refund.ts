import { createHash } from "node:crypto";
import { invalid, Refusal } from "../../../schemas/errors/errors";
import type { ActionsOf, PayloadOf } from "../../../schemas/kit/contract";
import type { Ctx } from "../../../schemas/kit/service";
import type { payments } from "../../../schemas/payments.contract";
import { call } from "../../../schemas/registry";
import { buildRefundNo } from "../payment.domain";
import type { PaymentsContext } from "../payments.context";
import { refundLines } from "./refund-lines";
import { refundPayment } from "./refund-payment";

type StaffRefund = PayloadOf<ActionsOf<typeof payments>["payments.refund"]>;

/** Refunds a bare amount, or the units and shipping fee of an order. The staff's idempotency key makes a repetition harmless. */
export async function refundForStaff(
	context: PaymentsContext,
	ctx: Ctx<unknown>,
	{ id, key, amount, items = [], shipping = false, reason }: StaffRefund
): Promise<void> {
	const byLine = items.length > 0 || shipping;
	if ((amount !== undefined) === byLine) throw invalid("amount", "amountOrItems");
	refuseRepeatedItems(items);
	const payment = await context.payments.get(id);
	const { status, orderId } = payment;
	if (status !== "succeeded" && status !== "refunded")
		throw new Refusal("INVALID_STATE", "Only what was paid can be refunded", { status });
	const staffId = ctx.meta.user?.id ?? "operator";
	const purpose = createHash("sha256").update(`${staffId}:${key}`).digest("hex").slice(0, 24);
	if (amount !== undefined) {
		await refundPayment(context, payment, { refundNo: buildRefundNo(payment, purpose), amount, reason });
		return;
	}
	const paidLines = await call(ctx, "orders.paidLines", { orderId, paymentId: id });
	await refundLines(context, id, paidLines, { purpose, reason, items, shipping });
}

function refuseRepeatedItems(items: readonly { readonly skuId: string }[]): void {
	const again = items.findIndex(({ skuId }, index) =>
		items.slice(0, index).some(one => one.skuId === skuId)
	);
	if (again >= 0) throw invalid(`items[${again}].skuId`, "repeated");
}
