import type {
	AfterSaleStaffView,
	AfterSaleStatus,
	AfterSaleView,
	VisibleAfterSaleStatus
} from "../../schemas/after-sales.contract";
import type { AfterSale, Parcel } from "./after-sale.domain";

const findVisible = (status: AfterSaleStatus): VisibleAfterSaleStatus | null =>
	status === "creating" || status === "undoing" ? null : status;
const mustBeVisible = (status: AfterSaleStatus): VisibleAfterSaleStatus => {
	const visible = findVisible(status);
	if (!visible) throw new Error(`A case that is ${status} is not shown`);
	return visible;
};
const toParcelView = (parcel: Parcel | undefined) =>
	parcel ? { ...parcel, sentAt: parcel.sentAt.toISOString() } : null;

/** The case as its buyer sees it. */
export const toView = (afterSale: AfterSale): AfterSaleView => ({
	id: afterSale._id,
	afterSaleNo: afterSale.afterSaleNo,
	orderId: afterSale.orderId,
	orderNo: afterSale.orderNo,
	type: afterSale.type,
	status: mustBeVisible(afterSale.status),
	items: afterSale.items,
	reason: afterSale.reason,
	description: afterSale.description,
	images: afterSale.images,
	amount: afterSale.amount,
	refund: toRefundView(afterSale),
	exchangeSkuId: afterSale.exchangeSkuId,
	returnShipment: toParcelView(afterSale.returnShipment),
	shipment: toParcelView(afterSale.shipment),
	timeline: afterSale.timeline.map(({ from, to, event, by, at, reason }) => ({
		from: findVisible(from),
		to: mustBeVisible(to),
		event,
		by,
		at: at.toISOString(),
		reason
	})),
	createdAt: afterSale.createdAt.toISOString(),
	updatedAt: afterSale.updatedAt.toISOString()
});

function toRefundView({ amount, status, refundRequestedAt, refundedAt }: AfterSale): AfterSaleView["refund"] {
	if (!refundRequestedAt) return null;
	const isOver = status === "refunded" ? "succeeded" : "failed";
	return {
		amount,
		status: status === "refunding" ? "processing" : isOver,
		requestedAt: refundRequestedAt.toISOString(),
		refundedAt: refundedAt?.toISOString() ?? null
	};
}

/** The case as its buyer saw it right after it was opened, whatever has become of it since. */
export const toViewAtOpening = (afterSale: AfterSale): AfterSaleView => {
	const seen = toView(afterSale);
	return {
		...seen,
		status: "requested",
		refund: null,
		returnShipment: null,
		shipment: null,
		timeline: seen.timeline.slice(0, 1),
		updatedAt: seen.timeline[0]?.at ?? seen.createdAt
	};
};

/** The case as staff see it. */
export const toStaffView = (afterSale: AfterSale): AfterSaleStaffView => ({
	...toView(afterSale),
	userId: afterSale.userId,
	failureReason: afterSale.failureReason ?? null,
	restocked: afterSale.restocked
});
