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
export const toView = (found: AfterSale): AfterSaleView => ({
	id: found._id,
	afterSaleNo: found.afterSaleNo,
	orderId: found.orderId,
	orderNo: found.orderNo,
	type: found.type,
	status: mustBeVisible(found.status),
	items: found.items,
	reason: found.reason,
	description: found.description,
	images: found.images,
	amount: found.amount,
	refund: toRefundView(found),
	exchangeSkuId: found.exchangeSkuId,
	returnShipment: toParcelView(found.returnShipment),
	shipment: toParcelView(found.shipment),
	timeline: found.timeline.map(({ from, to, event, by, at, reason }) => ({
		from: findVisible(from),
		to: mustBeVisible(to),
		event,
		by,
		at: at.toISOString(),
		reason
	})),
	createdAt: found.createdAt.toISOString(),
	updatedAt: found.updatedAt.toISOString()
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
export const toViewAtOpening = (found: AfterSale): AfterSaleView => {
	const seen = toView(found);
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
export const toStaffView = (found: AfterSale): AfterSaleStaffView => ({
	...toView(found),
	userId: found.userId,
	failureReason: found.failureReason ?? null,
	restocked: found.restocked
});
