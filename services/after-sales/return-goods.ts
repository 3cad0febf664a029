import { invalid } from "../../schemas/errors/errors";
import { fact } from "../../schemas/registry";
import type { Demand } from "../../schemas/values/demand";
import { countUnits, type AfterSale } from "./after-sale.domain";
import { identify, notInState, mustTransition } from "./after-sale.transitions";
import type { AfterSalesContext, Via } from "./after-sales.context";
import { REQUEST_REFUND_WITHIN_MS, requestRefund } from "./refund-case";

/** Notes the parcel with which the buyer sends the goods back. From then on the case waits for it, however long it takes. */
export async function sendBack(
	{ cases }: Pick<AfterSalesContext, "cases">,
	afterSale: AfterSale,
	{ carrier, trackingNo }: { readonly carrier: string; readonly trackingNo: string }
): Promise<AfterSale> {
	const { _id, type, status, returnShipment } = afterSale;
	if (type === "refund" || status !== "approved" || returnShipment)
		throw notInState(afterSale, "sent_back");
	const sentAt = new Date();
	return cases.mustChange(
		_id,
		{ status, returnShipment: { $exists: false } },
		{
			$set: { returnShipment: { carrier, trackingNo, sentAt }, updatedAt: sentAt },
			$unset: { deadline: "" }
		},
		[fact("after_sale.sent_back", { ...identify(afterSale), carrier, trackingNo })]
	);
}

/**
 * Records that the goods are back, and which are fit to sell: `inventory` puts these into stock by the fact. A return is then
 * refunded at once; an exchange waits for the new goods to be sent.
 */
export async function receiveGoods(
	context: AfterSalesContext,
	via: Via,
	afterSale: AfterSale,
	{ restock, by }: { readonly restock: readonly Demand[]; readonly by: string }
): Promise<AfterSale> {
	if (afterSale.type === "refund") throw notInState(afterSale, "returned");
	refuseForeignUnits(afterSale, restock);
	const isRefunded = afterSale.type === "return";
	const returned = await mustTransition(
		context,
		afterSale,
		{
			to: "returned",
			event: "received",
			by,
			set: { restocked: restock },
			...(isRefunded && { deadline: new Date(Date.now() + REQUEST_REFUND_WITHIN_MS) })
		},
		fact("after_sale.returned", { ...identify(afterSale), restock, by })
	);
	return isRefunded ? requestRefund(context, via, returned) : returned;
}

function refuseForeignUnits(afterSale: AfterSale, restock: readonly Demand[]): void {
	for (const [n, { skuId, quantity }] of restock.entries()) {
		if (restock.findIndex(line => line.skuId === skuId) < n)
			throw invalid(`restock[${n}].skuId`, "repeated");
		const units = countUnits(afterSale, skuId);
		if (units === 0) throw invalid(`restock[${n}].skuId`, "notInCase");
		if (quantity > units) throw invalid(`restock[${n}].quantity`, "claimMax", units);
	}
}
