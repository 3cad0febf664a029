import type { Collection, Doc } from "../../infrastructure/documents/collection";
import { Outbox, type WithOutbox } from "../../infrastructure/documents/outbox";
import type { Quota, QuotaHold } from "../../infrastructure/documents/quota-count";
import { Store as RealStore } from "../../infrastructure/documents/store";
import type { StoredFact } from "../../infrastructure/facts/transport";
import type { Store } from "../../mixins/store.mixin";
import { endUnapprovedReservations } from "../../services/after-sales/exchange-goods";
import type { AfterSale } from "../../services/after-sales/after-sale.domain";
import type { AfterSalesContext } from "../../services/after-sales/after-sales.context";
import type { Coupon } from "../../services/coupons/coupon.domain";
import type { CouponsContext } from "../../services/coupons/coupons.context";
import { giveBackCoupon, useCoupon } from "../../services/coupons/use-coupon";
import type { ReservationContext } from "../../services/inventory/inventory.context";
import type { Reservation } from "../../services/inventory/reservation.domain";
import { releaseStock } from "../../services/inventory/reservation.transitions";
import { reserveStock } from "../../services/inventory/reserve-stock";
import type { LedgerRow, Stock } from "../../services/inventory/stock.domain";
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
import type { Payment, Refund } from "../../services/payments/payment.domain";
import type { PaymentsContext } from "../../services/payments/payments.context";
import type { Account, PointsOrder } from "../../services/points/account.domain";
import { recordOrder, takePoints } from "../../services/points/change-account";
import type { LogRow, PointsContext } from "../../services/points/points.context";
import type { Promotion } from "../../services/promotions/promotion.domain";
import type { PromotionsContext } from "../../services/promotions/promotions.context";
import { giveBackUses, takeUses } from "../../services/promotions/take-uses";
import type { Channel } from "./channel";
import { PRICE } from "./goods";
import { MemoryCollection } from "./memory-collection";

const DAY_SECONDS = 86_400;
const CONFIG: Readonly<Record<string, number>> = {
	"inventory.lowStockAt": 2,
	"afterSales.window": DAY_SECONDS,
	"points.keepDays": 365
};
/** Config values that are not named are 0: no limit, and due at once. */
const config = { get: (key: string) => CONFIG[key] ?? 0 };
const silent = { info() {}, warn() {}, error() {}, debug() {} };

/** The documents of a shop in memory. They outlive its processes. */
export const createCollections = (turn: () => Promise<void>) => ({
	orders: new MemoryCollection<Order>(turn),
	stock: new MemoryCollection<Stock>(turn),
	ledger: new MemoryCollection<LedgerRow>(turn),
	reservations: new MemoryCollection<Reservation>(turn),
	payments: new MemoryCollection<Payment>(turn),
	refunds: new MemoryCollection<Refund>(turn),
	cases: new MemoryCollection<AfterSale>(turn, ["key"]),
	coupons: new MemoryCollection<Coupon>(turn),
	accounts: new MemoryCollection<Account>(turn),
	log: new MemoryCollection<LogRow>(turn, ["key"]),
	pointsOrders: new MemoryCollection<PointsOrder>(turn),
	promotions: new MemoryCollection<Promotion>(turn),
	quotas: new MemoryCollection<Quota>(turn),
	quotaHolds: new MemoryCollection<QuotaHold>(turn)
});
export type Collections = ReturnType<typeof createCollections>;

/** The contexts of the services of one process. */
export type Services = {
	readonly inventory: ReservationContext & { readonly broker: OrdersContext["broker"] };
	readonly orders: OrdersContext;
	readonly payments: PaymentsContext;
	readonly afterSales: AfterSalesContext;
	readonly coupons: Pick<CouponsContext, "coupons">;
	readonly points: PointsContext;
	readonly promotions: PromotionsContext;
};

type Surroundings = {
	readonly turn: () => Promise<void>;
	/** Puts facts into the queue, each once. */
	readonly enqueue: (facts: readonly StoredFact[]) => void;
	readonly channel: Channel;
};

/** Starts the services with new stores over the same documents. Of their contexts they have what the simulated code uses. */
export function startServices(collections: Collections, { turn, enqueue, channel }: Surroundings): Services {
	const store = <T extends Doc>(memory: MemoryCollection<T>): Store<T> => {
		const documents = memory as unknown as Collection<T>; // the operations that these services use
		const publish = async (facts: readonly StoredFact[]) => {
			await turn();
			enqueue(facts);
		};
		const outbox = new Outbox(documents, { publish }, silent);
		return new RealStore<T>(documents, outbox, "memory", turn);
	};
	const stores = Object.fromEntries(
		Object.entries(collections).map(([name, memory]) => [
			name,
			store(memory as unknown as MemoryCollection<Doc>)
		])
	);
	const actions: Record<string, (params: never) => Promise<unknown>> = {};
	const broker = { call: (name: string, params: never) => actions[name]?.(params), meta: {} };
	const context = { ...stores, config, logger: silent, broker };
	const services = {
		inventory: { ...context, announceChange: () => undefined },
		orders: context,
		payments: { ...context, channels: { of: () => channel } },
		afterSales: context,
		coupons: context,
		points: context,
		promotions: context
	} as unknown as Services;
	Object.assign(actions, listActions(services));
	return services;
}

type Ids = { readonly orderId: string; readonly claimId: string };
type Handlers = Readonly<Record<string, (params: never) => Promise<unknown>>>;

/** The calls that the services make of each other. */
const listActions = ({ inventory, orders, afterSales, coupons, points, promotions }: Services): Handlers => ({
	"orders.quoteUnits": params => quoteUnits(orders, params),
	"orders.claimUnits": params => claimUnits(orders, params),
	"orders.releaseUnits": async ({ orderId, claimId }: Ids) => ({
		released: await releaseUnits(orders, orderId, claimId)
	}),
	"orders.priceClaim": params => priceClaim(orders, params),
	"orders.refundUnits": params => requestUnitsRefund(orders, params),
	"orders.claimForStaff": params => claimForStaff(orders, params),
	"orders.receiverPhone": () => Promise.resolve({ phone: "" }),
	"orders.statuses": async ({ orderIds }: { orderIds: readonly string[] }) =>
		(await orders.orders.find({ _id: { $in: orderIds } })).map(({ _id, status }) => ({
			orderId: _id,
			status
		})),
	"inventory.reserve": ({ orderId, lines, expiresAt, owner }: Reserve) =>
		reserveStock(inventory, orderId, lines, new Date(expiresAt), owner),
	"inventory.release": ({ orderId }: Ids) => releaseStock(inventory, orderId),
	"afterSales.settleReservations": ({ reservationIds }: { reservationIds: readonly string[] }) =>
		endUnapprovedReservations(afterSales, reservationIds),
	"promotions.take": params => takeUses(promotions, params),
	"promotions.giveBack": ({ orderId }: Ids) => giveBackUses(promotions, orderId),
	"coupons.use": params => useCoupon(coupons, params),
	"coupons.giveBack": ({ couponId, orderId }: Ids & { readonly couponId: string }) =>
		giveBackCoupon(coupons, couponId, orderId),
	"points.use": params => takePoints(points, params),
	"points.giveBack": ({ orderId, userId }: Ids & { readonly userId: string }) =>
		recordOrder(points, orderId, userId, { ended: true }),
	"products.skus": ({ skuIds }: { skuIds: readonly string[] }) =>
		Promise.resolve(skuIds.map(skuId => ({ skuId, onShelf: true, price: PRICE }))),
	"shipping.createParcel": () => Promise.resolve(null),
	"shipping.dropParcel": () => Promise.resolve(null),
	"shipping.parcels": () => Promise.resolve([])
});
type Reserve = Pick<Reservation, "lines" | "owner"> & {
	readonly orderId: string;
	readonly expiresAt: string;
};

/** All facts that wait in outboxes. */
export const listOutboxes = (collections: Collections): StoredFact[] =>
	Object.values(collections).flatMap(({ documents }) =>
		[...(documents.values() as Iterable<WithOutbox>)].flatMap(({ outbox }) => outbox ?? [])
	);
