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
	const news = payload as never;
	const told = payload as FactPayload;
	const { orderId, userId, total, pointsEarned: earns } = told;
	switch (event) {
		case "payment.succeeded":
			return applyPayment(orders, news);
		case "payment.refunded":
			return applyRefund(orders, news);
		case "payment.refund_failed":
			return applyFailedRefund(orders, news);
		case "order.paid":
			await deductStock(inventory, orderId);
			return recordOrder(points, orderId, userId, { paid: true, total, earns });
		case "order.completed":
			return recordOrder(points, orderId, userId, { completed: true, total, earns });
		case "order.partly_refunded":
			return recordOrder(points, orderId, userId, { refunded: told.refunded, total });
		case "order.cancelled":
			await releaseStock(inventory, orderId);
			await giveBackCouponOf(coupons, orderId);
			await giveBackUsesOfPlaced(promotions, orderId);
			if (told.pointsUsed > 0) await recordOrder(points, orderId, userId, { ended: true });
			return;
		case "order.refunded":
			await cancelCasesOfRefunded(afterSales, afterSales.broker, news);
			await recordOrder(points, orderId, userId, { ended: true });
			if (told.restock !== true)
				return returnUnits(inventory, orderId, {
					cause: "unsent",
					by: "system",
					lines: told.unsent
				});
			await returnStock(inventory, orderId);
			await giveBackCouponOf(coupons, orderId);
			return giveBackUsesOfPlaced(promotions, orderId);
		case "order.units_refund_requested":
			return refundClaimedUnits(payments, news);
		case "order.units_refund_failed":
			return applyFailedCaseRefund(afterSales, news);
		case "order.units_refunded": {
			await applyCaseRefund(afterSales, news);
			const lines = told.lines
				.map(({ skuId, unsent: quantity }) => ({ skuId, quantity }))
				.filter(({ quantity }) => quantity > 0);
			if (!lines.length) return;
			return returnUnits(inventory, orderId, { cause: told.claimId, by: "system", lines });
		}
		case "after_sale.approved":
			if (told.reservationId !== undefined) await deductIfOpen(inventory, told.reservationId);
			return;
		case "after_sale.rejected":
		case "after_sale.cancelled":
			await releaseUnits(orders, orderId, told.afterSaleId);
			if (told.reservationId !== undefined) await giveBackReservation(inventory, told.reservationId);
			return;
		case "after_sale.returned": {
			const lines = told.restock as readonly Demand[];
			const { afterSaleId: cause, by } = told;
			if (lines.length) await returnUnits(inventory, orderId, { cause, by, lines });
			return;
		}
		case "order.payment_refused":
			return refundRemainder(payments, told.paymentId, "UNCLAIMED", told.reason);
		case "order.refund_requested":
			return refundRemainder(
				payments,
				told.paymentId,
				`${ORDER_REFUND}${told.attempt || ""}`,
				told.reason
			);
	}
}
