import { ulid } from "ulid";
import { createMissingIndexes } from "../infrastructure/documents/declared";
import { openSqliteCollection } from "../infrastructure/documents/sqlite/collection";
import { findServiceFiles, readCollectionDeclarations } from "../infrastructure/service-files";
import { closeDatabase, openDatabase } from "../infrastructure/sqlite-file";
import type { Reservation } from "../services/inventory/reservation.domain";
import type { Order } from "../services/orders/order.domain";
import { makeOrderNumber } from "../services/orders/order-number.domain";

const BATCH = 2000;
const YEAR_MS = 365 * 86_400_000;
const USERS = 50_000;

/** An order of the last year that was cancelled before it was paid: complete by itself, so that the invariants hold. */
function anOrder(n: number, of: number): { order: Order; reservation: Reservation } {
	const at = new Date(Date.now() - YEAR_MS + Math.floor((n / of) * (YEAR_MS - 3_600_000)));
	const _id = ulid(at.getTime());
	const userId = `bench-${(n * 7919) % USERS}`;
	const name = `压测商品 ${n % 997} 号`;
	const order: Order = {
		_id,
		orderNo: makeOrderNumber(at, n),
		userId,
		status: "cancelled",
		fingerprint: "x".repeat(43),
		items: [
			{
				skuId: `bench-${n % 997}-1`,
				productId: `bench-${n % 997}`,
				name,
				image: null,
				attributes: { 颜色: "黑", 容量: "500ml" },
				listPrice: 1000,
				price: 1000,
				quantity: 1,
				discount: 0,
				amount: 1000
			}
		],
		nameKeys: [name],
		codeKeys: [`bench-${n % 997}`],
		fromCart: false,
		hidden: false,
		address: {
			receiver: "李雷",
			phone: "13900000000",
			province: "浙江省",
			city: "杭州市",
			district: "西湖区",
			detail: "文三路 1 号"
		},
		itemsTotal: 1000,
		discounts: [],
		discountTotal: 0,
		shippingFee: 0,
		total: 1000,
		currency: "CNY",
		couponCode: null,
		remark: null,
		expiresAt: at,
		timeline: [
			{ from: "creating", to: "pending_payment", event: "created", by: userId, at, reason: null },
			{
				from: "pending_payment",
				to: "cancelled",
				event: "expired",
				by: "system",
				at,
				reason: "expired"
			}
		],
		refusedPayments: [],
		failedRefunds: [],
		refundedTotal: 0,
		createdAt: at,
		updatedAt: at
	};
	const reservation = {
		_id,
		state: "released",
		lines: [{ skuId: `bench-${n % 997}-1`, quantity: 1 }],
		expiresAt: at,
		updatedAt: at
	} as unknown as Reservation;
	return { order, reservation };
}

/** Adds orders to the shop in the folder until it has so many, with their reservations. Declares all indexes first. */
export async function seedOrders(dir: string, total: number): Promise<void> {
	const db = openDatabase(dir);
	for (const declaration of readCollectionDeclarations(findServiceFiles({ sandbox: true }).values()))
		await createMissingIndexes(openSqliteCollection(db, declaration.name), declaration);
	const orders = openSqliteCollection<Order>(db, "orders");
	const reservations = openSqliteCollection<Reservation>(db, "stock_reservations");
	for (let n = await orders.count({}); n < total; n += BATCH) {
		const made = Array.from({ length: Math.min(BATCH, total - n) }, (_, i) => anOrder(n + i, total));
		await orders.insertMissing(made.map(({ order }) => order));
		await reservations.insertMissing(made.map(({ reservation }) => reservation));
	}
	closeDatabase(dir);
}
