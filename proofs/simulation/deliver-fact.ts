import type { StoredFact } from "../../infrastructure/facts/transport";
import type { Demand } from "../../schemas/values/demand";
import { cancelCasesOfRefunded } from "../../services/after-sales/end-case";
import {
	applyFailedRefund as applyFailedCaseRefund,
	applyRefund as applyCaseRefund
} from "../../services/after-sales/refund-case";
import { giveBackCouponOf } from "../../services/coupons/use-coupon";
import {
	deductIfOpen,
	deductStock,
	giveBackReservation,
	releaseStock,
	returnStock
} from "../../services/inventory/reservation.transitions";
import { returnUnits } from "../../services/inventory/return-units";
import { applyFailedRefund, applyPayment, applyRefund } from "../../services/orders/apply-payment";
import { releaseUnits } from "../../services/orders/claim-units";
import { ORDER_REFUND } from "../../services/payments/payment.domain";
import { refundRemainder } from "../../services/payments/refunds/refund-once";
import { refundClaimedUnits } from "../../services/payments/refunds/refund-units";
import { recordOrder } from "../../services/points/change-account";
import { giveBackUsesOfPlaced } from "../../services/promotions/take-uses";
import type { Services } from "./services";

/** Fields of the facts that are delivered; each fact has some of them. */
type FactPayload = {
	readonly orderId: string;
	readonly userId: string;
	readonly paymentId: string;
	readonly reason: string;
	readonly attempt: number;
	/** Of an order: whether all of it comes back into stock; of a case: the units that do. */
	readonly restock: unknown;
	readonly unsent: readonly Demand[];
	readonly claimId: string;
	readonly afterSaleId: string;
	readonly reservationId?: string;
	readonly by: string;
	readonly total: number;
	readonly refunded: number;
	readonly pointsEarned: number;
	readonly pointsUsed: number;
	readonly lines: readonly (Demand & { readonly unsent: number })[];
};

/** Has every service that handles the fact do so, as the services' own `events` do, one after the other. */
export async function handleFact(services: Services, { event, payload }: StoredFact): Promise<void> {
	const { inventory, orders, payments, afterSales, coupons, points, promotions } = services;
	const untyped = payload as never;
	const known = payload as FactPayload;
	const { orderId, userId, total, pointsEarned: earns } = known;
	switch (event) {
		case "payment.succeeded":
			return applyPayment(orders, untyped);
		case "payment.refunded":
			return applyRefund(orders, untyped);
		case "payment.refund_failed":
			return applyFailedRefund(orders, untyped);
		case "order.paid":
			await deductStock(inventory, orderId);
			return recordOrder(points, orderId, userId, { paid: true, total, earns });
		case "order.completed":
			return recordOrder(points, orderId, userId, { completed: true, total, earns });
		case "order.partly_refunded":
			return recordOrder(points, orderId, userId, { refunded: known.refunded, total });
		case "order.cancelled":
			await releaseStock(inventory, orderId);
			await giveBackCouponOf(coupons, orderId);
			await giveBackUsesOfPlaced(promotions, orderId);
			if (known.pointsUsed > 0) await recordOrder(points, orderId, userId, { ended: true });
			return;
		case "order.refunded":
			await cancelCasesOfRefunded(afterSales, afterSales.broker, untyped);
			await recordOrder(points, orderId, userId, { ended: true });
			if (known.restock !== true)
				return returnUnits(inventory, orderId, {
					cause: "unsent",
					by: "system",
					lines: known.unsent
				});
			await returnStock(inventory, orderId);
			await giveBackCouponOf(coupons, orderId);
			return giveBackUsesOfPlaced(promotions, orderId);
		case "order.units_refund_requested":
			return refundClaimedUnits(payments, untyped);
		case "order.units_refund_failed":
			return applyFailedCaseRefund(afterSales, untyped);
		case "order.units_refunded": {
			await applyCaseRefund(afterSales, untyped);
			const lines = known.lines
				.map(({ skuId, unsent: quantity }) => ({ skuId, quantity }))
				.filter(({ quantity }) => quantity > 0);
			if (!lines.length) return;
			return returnUnits(inventory, orderId, { cause: known.claimId, by: "system", lines });
		}
		case "after_sale.approved":
			if (known.reservationId !== undefined) await deductIfOpen(inventory, known.reservationId);
			return;
		case "after_sale.rejected":
		case "after_sale.cancelled":
			await releaseUnits(orders, orderId, known.afterSaleId);
			if (known.reservationId !== undefined) await giveBackReservation(inventory, known.reservationId);
			return;
		case "after_sale.returned": {
			const lines = known.restock as readonly Demand[];
			const { afterSaleId: cause, by } = known;
			if (lines.length) await returnUnits(inventory, orderId, { cause, by, lines });
			return;
		}
		case "order.payment_refused":
			return refundRemainder(payments, known.paymentId, "UNCLAIMED", known.reason);
		case "order.refund_requested":
			return refundRemainder(
				payments,
				known.paymentId,
				`${ORDER_REFUND}${known.attempt || ""}`,
				known.reason
			);
	}
}
