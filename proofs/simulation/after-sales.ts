import { checkTimeline } from "../../invariants/after-sale.invariants";
import { checkClaims } from "../../invariants/check-orders";
import type { Ctx } from "../../schemas/kit/service";
import type { Demand } from "../../schemas/values/demand";
import type { AfterSale } from "../../services/after-sales/after-sale.domain";
import type { AfterSalesContext } from "../../services/after-sales/after-sales.context";
import { approveForStaff } from "../../services/after-sales/decide-case";
import { endCase } from "../../services/after-sales/end-case";
import { openCase } from "../../services/after-sales/open-case";
import { claimForStaff } from "../../services/orders/claim-for-staff";
import {
	claimUnits,
	priceClaim,
	quoteUnits,
	releaseUnits,
	requestUnitsRefund
} from "../../services/orders/claim-units";
import type { Order } from "../../services/orders/order.domain";
import type { OrdersContext } from "../../services/orders/orders.context";
import { sendParcel } from "../../services/orders/send-parcel";
import type { Refund } from "../../services/payments/payment.domain";
import type { PaymentsContext } from "../../services/payments/payments.context";
import { sendStaffRefund } from "../../services/payments/refunds/staff-refund";
import type { MemoryCollection } from "./memory-collection";

type Broker = AfterSalesContext["broker"];
type Orders = Pick<OrdersContext, "orders" | "config">;
type Ids = { readonly orderId: string; readonly claimId: string };

/** The calls that the services make of each other in the simulation, to the process that is alive when they are made. */
export function connectServices(getOrders: () => Orders): Broker {
	const actions: Record<string, (params: never) => Promise<unknown>> = {
		"orders.quoteUnits": params => quoteUnits(getOrders(), params),
		"orders.claimUnits": params => claimUnits(getOrders(), params),
		"orders.releaseUnits": async ({ orderId, claimId }: Ids) => ({
			released: await releaseUnits(getOrders(), orderId, claimId)
		}),
		"orders.priceClaim": params => priceClaim(getOrders(), params),
		"orders.refundUnits": params => requestUnitsRefund(getOrders(), params),
		"orders.claimForStaff": params => claimForStaff(getOrders(), params),
		"shipping.createParcel": () => Promise.resolve(null),
		"shipping.dropParcel": () => Promise.resolve(null)
	};
	const call = (name: string, params: never) => actions[name]?.(params);
	return { call, meta: {} } as unknown as Broker;
}

export type GivingBack = {
	readonly do: "case" | "approve" | "withdraw" | "reject" | "ship" | "staffRefund";
	readonly n: number;
	readonly quantity: number;
};
type Contexts = {
	readonly orders: Orders;
	readonly payments: PaymentsContext;
	readonly afterSales: AfterSalesContext;
};

/** Lets the buyer or staff give units of an order back. `number` makes the ids of this act unique. */
export async function giveBack(
	{ orders, payments, afterSales }: Contexts,
	order: Order,
	{ do: act, items, number }: GivingBack & { readonly items: readonly Demand[]; readonly number: number }
): Promise<unknown> {
	const ctx = afterSales.broker as unknown as Ctx<unknown>;
	const { _id: orderId } = order;
	switch (act) {
		case "case": {
			const once = { key: `key-${number}`, fingerprint: "" };
			return openCase(afterSales, ctx, {
				orderId,
				userId: "u",
				type: "refund",
				items,
				reason: "?",
				...once
			});
		}
		case "ship": {
			const sent = { id: orderId, carrier: "SF", trackingNo: String(number), items };
			const { logger } = afterSales;
			return sendParcel({ ...orders, logger }, ctx, order, sent, "staff");
		}
		case "staffRefund": {
			const payment = await payments.payments.get(order.paymentId ?? "");
			const request = { bareAmount: null, items, shipping: false, reason: "units" };
			return sendStaffRefund(payments, ctx, payment, `staff${number}`, request);
		}
		case "approve":
		case "withdraw":
		case "reject": {
			const open = { $in: ["requested", "approved"] } as const;
			const [found] = await afterSales.cases.find({ orderId, status: open });
			if (!found) return;
			if (act === "approve") return approveForStaff(afterSales, ctx, found, { by: "staff" });
			const event = act === "withdraw" ? "withdrawn" : "rejected";
			return endCase(afterSales, afterSales.broker, found, { event, by: "somebody", reason: "?" });
		}
	}
}

type Collections = {
	readonly orders: MemoryCollection<Order>;
	readonly refunds: MemoryCollection<Refund>;
	readonly cases: MemoryCollection<AfterSale>;
};

/** Statuses in which a case may rest: staff decide about `requested`, and about `approved` after its refund failed. */
const AT_REST: readonly AfterSale["status"][] = [
	"requested",
	"approved",
	"refunded",
	"rejected",
	"cancelled"
];

/** Violations of I13 and I14 once nothing is under way. */
export function findUnitViolations({ orders, refunds, cases }: Collections): string[] {
	const violations = [...orders.documents.values()].flatMap(checkClaims);
	violations.push(...[...cases.documents.values()].flatMap(checkTimeline));
	for (const { _id, orderId, status, amount } of cases.documents.values()) {
		const made = [...refunds.documents.values()].filter(
			refund => refund.claim?.id === _id && refund.status === "succeeded"
		);
		const back = made.reduce((sum, refund) => sum + refund.amount, 0);
		const claim = orders.documents.get(orderId)?.unitClaims?.find(({ id }) => id === _id);
		const isFree = claim === undefined || claim.state === "released";
		if (!AT_REST.includes(status)) violations.push(`case ${_id} is still ${status}`);
		const isRight =
			status === "refunded"
				? back === amount && made.length === (amount > 0 ? 1 : 0)
				: made.length === 0;
		if (!isRight) violations.push(`case ${_id} is ${status} with ${made.length} refunds of ${back}`);
		if ((status === "rejected" || status === "cancelled") && !isFree)
			violations.push(`case ${_id} is ${status} and holds units`);
	}
	for (const { _id, unitClaims = [] } of orders.documents.values())
		for (const { id, kind, state } of unitClaims)
			if (
				state === "refunding" ||
				(state === "claimed" && (kind === "staff" || !cases.documents.has(id)))
			)
				violations.push(`${_id}: claim ${id} is still ${state}`);
	return violations;
}
